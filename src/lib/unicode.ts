/** Marks after one letter, more than any language writes (Unicode's stream-safe text, UAX #15, has as many). */
const TOO_MANY_MARKS = /(\p{M}{30})\p{M}+/gu

/**
 * In this Unicode form. Further marks on one letter are left out: the engine puts them in order in quadratic time, 2 s for the
 * marks of a body of 64 kB.
 */
export const normalized = (text: string, form: 'NFC' | 'NFD'): string =>
  text.replace(TOO_MANY_MARKS, '$1').normalize(form)
