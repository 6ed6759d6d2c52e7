/** The last part of a path that somebody sent, without signs that turn text around or break a line. */
export function plainFileName(path: string, fallback: string): string {
  const last = path.split(/[\\/]/).at(-1) ?? ''
  return (
    last
      .replace(/[\p{Cc}\p{Cf}]/gu, '')
      .trim()
      .slice(0, 200)
      .toWellFormed() || fallback
  )
}
