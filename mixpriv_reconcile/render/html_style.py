"""How our pages look: calm, in light and dark, on a phone, on a wide screen and on paper. Nothing is fetched, fonts neither."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """\
:root{color-scheme:light dark;
--page:#f6f5f1;--card:#fff;--ink:#1d1f23;--soft:#565b64;--line:#dcdad2;--track:#e7e5de;
--red:#a3231c;--red-bg:#fbeae7;--amber:#7c4a03;--amber-bg:#fdf1d8;--blue:#1c5591;--blue-bg:#e6eff8;--green:#22663a;--green-bg:#e5f2e8;
--shade:0 1px 2px rgba(0,0,0,.05),0 6px 20px rgba(0,0,0,.04)}
@media (prefers-color-scheme:dark){:root{
--page:#14161a;--card:#1d2025;--ink:#e9e8e3;--soft:#a8adb6;--line:#343942;--track:#2b3037;
--red:#ff9d90;--red-bg:#3a1f1d;--amber:#f3c069;--amber-bg:#35290f;--blue:#94c3f3;--blue-bg:#182b40;--green:#8fd3a3;--green-bg:#17301f;
--shade:none}}
*,*:before,*:after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
header,main,footer{max-width:68rem;margin:0 auto;padding:0 1rem}
header{padding-top:2.25rem}
main{display:grid;gap:1.25rem;grid-template-columns:minmax(0,1fr);padding-top:1.25rem}
footer{color:var(--soft);font-size:.85rem;padding-top:1.5rem;padding-bottom:2.5rem}
h1,h2,h3,p,ul,ol,dl,dd,pre,figure,table{margin:0}
h1{font-size:.9rem;font-weight:600;color:var(--soft)}
h2{font-size:1.1rem;line-height:1.35;font-weight:650;margin-bottom:.85rem}
h3{font-size:1rem;line-height:1.4;font-weight:600}
.lead{font-size:clamp(1.3rem,1rem + 1.6vw,1.85rem);line-height:1.3;font-weight:650;margin:.3rem 0 0;max-width:30em;text-wrap:pretty}
.sub{color:var(--soft);margin-top:.6rem;max-width:46em}
.card{background:var(--card);border:1px solid var(--line);border-radius:.8rem;padding:1.25rem 1.35rem;box-shadow:var(--shade);min-width:0}
.tiles{display:grid;gap:.9rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,8.5rem),1fr));padding:0;list-style:none}
.tiles li{background:var(--card);border:1px solid var(--line);border-radius:.8rem;padding:.85rem 1.1rem;box-shadow:var(--shade)}
.tiles b{display:block;font-size:1.45rem;line-height:1.25;font-weight:650}
.tiles span{color:var(--soft);font-size:.88rem}
.tiles .red b{color:var(--red)} .tiles .amber b{color:var(--amber)}
code,.mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.92em}
pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.88rem;white-space:pre-wrap;
background:var(--page);border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem}
a{color:var(--blue)}
.chip{display:inline-block;border:1px solid currentColor;border-radius:1rem;padding:.02rem .6rem;font-size:.8rem;line-height:1.45;
font-weight:600;white-space:nowrap;color:var(--soft)}
.chips{display:inline-flex;flex-wrap:wrap;gap:.35rem}
.red{color:var(--red)} .amber{color:var(--amber)} .blue{color:var(--blue)} .green{color:var(--green)} .soft{color:var(--soft)}
.chip.red{background:var(--red-bg);color:var(--red)} .chip.amber{background:var(--amber-bg);color:var(--amber)}
.chip.blue{background:var(--blue-bg);color:var(--blue)} .chip.green{background:var(--green-bg);color:var(--green)}
.blocks{display:grid;gap:.8rem;grid-template-columns:minmax(0,1fr)} .blocks>p{max-width:52em}
.find{list-style:none;padding:0;display:grid;gap:.8rem}
.find li{border-left:.28rem solid var(--line);padding:.1rem 0 .1rem .9rem}
.find .error{border-color:var(--red)} .find .warning{border-color:var(--amber)} .find .note{border-color:var(--blue)}
.find p{max-width:52em} .find .soft{font-size:.9rem}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;vertical-align:top;padding:.55rem .9rem .55rem 0;border-bottom:1px solid var(--line)}
td{overflow-wrap:break-word} td.long{overflow-wrap:anywhere} th .soft{font-weight:400}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.82rem;color:var(--soft);font-weight:600;vertical-align:bottom}
tbody th{font-weight:600;min-width:11rem}
tbody tr:last-child>*{border-bottom:0}
.num{text-align:right;white-space:nowrap;padding-right:1.5rem} .day{white-space:nowrap}
.bar{display:flex;height:.5rem;min-width:6rem;border-radius:.25rem;background:var(--track);overflow:hidden;margin-top:.3rem}
.bar i{display:block;height:100%;background:var(--green)}
.bar i+i{background:repeating-linear-gradient(135deg,var(--blue) 0 .2rem,transparent .2rem .4rem)}
details{border-top:1px solid var(--line);padding:.65rem 0}
details:last-of-type{padding-bottom:0}
summary{cursor:pointer;font-weight:600;padding:.15rem 0}
summary .soft{font-weight:400}
summary:focus-visible,a:focus-visible{outline:.15rem solid var(--blue);outline-offset:.15rem;border-radius:.2rem}
details>*:not(summary){margin:.6rem 0 .3rem 1.05rem}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) minmax(0,1fr);gap:.3rem 1.2rem}
dl>div{display:contents} dl.stacked>div{display:block;grid-column:1/-1}
dt{color:var(--soft)} .stacked dt{color:var(--ink);font-weight:600} details ul,.card>ul:not(.find),.blocks>ul{padding-left:1.1rem}
.time{list-style:none;padding:0;display:grid}
.time>li,.axis{display:grid;grid-template-columns:minmax(0,19rem) minmax(0,1fr);gap:.2rem 1.6rem}
.time>li{padding:.85rem 0;border-top:1px solid var(--line)}
.axis{color:var(--soft);font-size:.82rem}
.scale{position:relative;height:2.6rem;border-bottom:1px solid var(--line);grid-column:2;margin:0 .5rem}
.scale span{position:absolute;bottom:.1rem;padding-left:.3rem;border-left:1px solid var(--line);line-height:1.2;white-space:nowrap}
.scale .flip{transform:translateX(-100%);padding:0 .3rem 0 0;border-left:0;border-right:1px solid var(--line)}
.scale .now{bottom:1.3rem;color:var(--ink);font-weight:650;border:0;padding:0;transform:translateX(-50%)}
.scale .now.first{transform:none} .scale .now.last{transform:translateX(-100%)}
.lane{position:relative;height:1.6rem;margin:.15rem .5rem}
.lane:before{content:"";position:absolute;left:0;right:0;top:.7rem;height:.2rem;border-radius:.1rem;background:var(--track)}
.lane .span{position:absolute;top:.55rem;height:.5rem;border-radius:.25rem;background:var(--blue-bg);border:1px solid var(--blue)}
.lane .late{background:var(--red-bg);border-color:var(--red);border-style:dashed}
.lane .now{position:absolute;top:-.1rem;bottom:-.1rem;border-left:.13rem solid var(--ink);opacity:.55;transform:translateX(-50%)}
.mark{display:inline-block;width:.85rem;height:.85rem;background:var(--card);border:.16rem solid var(--blue)}
.lane .mark{position:absolute;top:.38rem;margin-left:-.42rem}
.received{border-radius:50%}
.submit{border-color:var(--amber);background:var(--amber);transform:rotate(45deg) scale(.58)}
.due{border-color:var(--red);background:var(--red)}
.past{opacity:.45}
.days{grid-column:2;color:var(--soft);font-size:.86rem;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:0 .5rem}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;font-size:.88rem;color:var(--soft);margin-bottom:.7rem}
.legend span{display:inline-flex;align-items:center;gap:.45rem}
.legend .now{display:inline-block;height:1rem;border-left:.13rem solid var(--ink);opacity:.55}
@media screen and (max-width:60rem){
header{padding-top:1.5rem} .card{padding:1rem}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
.tiles li{padding:.8rem} .tiles b{font-size:1.15rem;white-space:nowrap}
.tiles li:first-child:nth-last-child(odd){grid-column:1/-1}
.time>li,.axis{grid-template-columns:minmax(0,1fr)} .scale,.days{grid-column:1}
table,tbody,tr,td,tbody th{display:block} thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tbody tr{border-bottom:1px solid var(--line);padding:.7rem 0} tbody tr:last-child{border:0;padding-bottom:0}
td,tbody th,td.num{border:0;min-width:0;padding:.1rem 0;text-align:left}
td[data-label]{display:grid;grid-template-columns:6.2rem minmax(0,1fr);gap:.6rem}
td[data-label]:before{content:attr(data-label);color:var(--soft)} td.none{display:none}
dl{grid-template-columns:minmax(0,1fr);gap:0} dd{margin-bottom:.4rem} details>*:not(summary){margin-left:0}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--track:#ddd;--shade:none;
--red:#8f1a14;--red-bg:#fff;--amber:#6b3f00;--amber-bg:#fff;--blue:#174a80;--blue-bg:#fff;--green:#1c5731;--green-bg:#fff}
html{font-size:8.6pt} .tiles b{font-size:1.2rem;white-space:nowrap}
header,main,footer{max-width:none;padding-left:0;padding-right:0} header{padding-top:0}
.card,.tiles li{break-inside:auto;box-shadow:none} tr,.time>li,.find li,details{break-inside:avoid} h2,h3,thead{break-after:avoid}
.mark,.span,.bar,.bar i{print-color-adjust:exact;-webkit-print-color-adjust:exact}
details::details-content{content-visibility:visible;block-size:auto}}
@page{size:A4;margin:16mm 14mm}
"""
"""Colours meet a contrast of 4.5:1 on the grounds they stand on (tests/render/test_html_style.py); none means anything alone."""
