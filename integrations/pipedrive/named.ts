/** Compares names as people write them: without regard to capitals and outer spaces. */
export const isSame = (a: string | null | undefined, b: string): boolean =>
  a?.trim().toLowerCase() === b.trim().toLowerCase()
