import { stripVTControlCharacters } from 'node:util'

const mostLines = 60

/** The level of a line of our own log, or null where the line is something else, as what Next prints of itself. */
function levelOf(line) {
  if (!line.startsWith('{')) return null
  try {
    const { level } = JSON.parse(line)
    return typeof level === 'number' ? level : null
  } catch {
    return null
  }
}

const startsTrace = line => /(^|\s)(⨯|\w*Error\b.*:|Failure\b.*:|node:internal)|^Uncaught|digest:/.test(line)
const inTrace = line => /^\s+at\s/.test(line)

/**
 * What an app's own output tells of faults: log lines of level 50 and above, and stack traces with the line that they
 * begin with. The first `most` lines, and how many more there were.
 */
export function errorLines(output, most = mostLines) {
  const found = []
  for (const raw of output.split('\n')) {
    const line = stripVTControlCharacters(raw).trimEnd()
    const level = levelOf(line)
    if (level === null ? startsTrace(line) || inTrace(line) : level >= 50) found.push(line.slice(0, 2000))
  }
  const left = found.length - most
  return left > 0 ? [...found.slice(0, most), `… and ${left} lines more`] : found
}
