/** One value a key, made when it is first asked for; kept as long as the process lives, so keys must be few. */
export function perKey<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>()
  return (key) => {
    const known = made.get(key) ?? make(key)
    made.set(key, known)
    return known
  }
}
