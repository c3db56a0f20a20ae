/** The number as people read it: `#00001`, and past 99,999 as many digits as it takes (the old system cut them off). */
export const toNumero = (n: number): string => `#${String(n).padStart(5, '0')}`
