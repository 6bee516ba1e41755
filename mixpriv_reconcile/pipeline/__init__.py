"""The whole program on one page, callable without the command line. Stages never import each other; they are connected here.

    init       ─→ a workspace to start with
    validate   manifests ─→ diagnostics
    plan       manifests ─→ wishes ─┐
               state ─→ memory ─────┼─→ DECIDE ─→ Plan
               GETs ─→ what was seen┘
    apply      the same, under the lock, then approval ─→ ACT ─→ journal ─→ fold ─→ state
    upkeep     refresh, confirm, state rm and mv: journal ─→ fold ─→ state
    importing  a GET ─→ a task made elsewhere, with those of its ids that a request declares ─→ journal
    portable   state pull: state ─→ one document; state push: that document ─→ state
    migrating  state ─→ another place;  rekeying  ids ─→ the same memory under another digest key
    status     wishes and memory ─→ how each request stands
    sdk_check  source files ─→ drift;  committed_ids  manifests and sources ─→ ids that don't belong into git

Nothing here prints, asks or exits. Import the function from its module: `from mixpriv_reconcile.pipeline.plan import plan`; the
modules load only what their command needs.
"""
