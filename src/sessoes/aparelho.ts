const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\b(?:Tizen|Web0S|SMART-TV|SmartTV)\b/i, 'TV'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'Mac'],
  [/\bLinux\b|\bCrOS\b/, 'Linux'],
]

/** What a browser says it is, in words: `Chrome no Android`. Only known words: what was sent is never shown. */
export function deviceOf(userAgent: string | undefined): string | undefined {
  const browser = BROWSERS.find(([form]) => form.test(userAgent ?? ''))?.[1]
  const system = SYSTEMS.find(([form]) => form.test(userAgent ?? ''))?.[1]
  if (browser === undefined) return system
  return system === undefined ? browser : `${browser} ${system === 'TV' ? 'na' : 'no'} ${system}`
}
