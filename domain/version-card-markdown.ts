interface Share {
  value: number
  low: number
  high: number
  n: number
}
interface Card {
  summary?: string
  goodAt?: readonly string[]
  failsAt?: readonly string[]
  trainingData?: readonly { what: string; rows: number; licence: string }[]
  licence?: string | undefined
  measured?: { at: string; machine: string; how: string } | undefined
  quality?: readonly { measure: string; how: string; result: Share }[]
  notes?: readonly string[]
}

const list = (title: string, lines: readonly string[] = []) =>
  lines.length === 0 ? [] : [`## ${title}`, lines.map(line => `- ${line}`).join('\n')]

/** The card of a model version as Markdown, for places that show no card of ours. What is unknown is left out. */
export function versionCardMarkdown(name: string, card: Card): string {
  return [
    `# ${name}`,
    ...(card.summary ? [card.summary] : []),
    ...list('Good at', card.goodAt),
    ...list('Fails at', card.failsAt),
    ...list(
      'Measured',
      card.quality?.map(
        ({ measure, how, result: { value, low, high, n } }) =>
          `${measure}: ${value.toFixed(3)} (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}, ${n} rows). ${how}`,
      ),
    ),
    ...(card.measured ? [`${card.measured.at}, ${card.measured.machine}. ${card.measured.how}`] : []),
    ...list(
      'Learned from',
      card.trainingData?.map(one => `${one.what}: ${one.rows} rows, ${one.licence}`),
    ),
    ...list('Notes', card.notes),
    ...(card.licence ? [`Licence: ${card.licence}`] : []),
  ].join('\n\n')
}
