"""The whole program on one page, callable without the command line. Stages never import each other; they are connected here.

    validate   manifests ─→ diagnostics
    plan       manifests ─→ wishes ─┐
               state ─→ memory ─────┼─→ DECIDE ─→ Plan
               GETs ─→ what was seen┘
    apply      the same, under the lock, then approval ─→ ACT ─→ journal ─→ fold ─→ state
    upkeep     refresh, confirm, state rm and mv: journal ─→ fold ─→ state
    portable   state pull: state ─→ one document; state push: that document ─→ state
    status     wishes and memory ─→ how each request stands

Nothing here prints, asks or exits. Import the function from its module: `from mixpriv_reconcile.pipeline.plan import plan`; the
modules load only what their command needs.
"""
