import type { MeasuredShare, ModelCard } from './model'

/** A share as three cells of a Markdown table: value, interval, sample size. */
export const shareCells = ({ value, low, high, n }: MeasuredShare) =>
  `${value.toFixed(3)} | ${low.toFixed(3)}–${high.toFixed(3)} | ${n}`

/** How a card begins as Markdown: what the model is, where it fails, and when and how it was measured. */
export function cardHead(card: ModelCard, snapshot: string): string {
  return `# ${card.name}

Written by \`train.ts\`; edit that, not this. Snapshot \`${snapshot}\`.

${card.summary}

Good at:
${card.goodAt.map(line => `- ${line}`).join('\n')}

Fails at:
${card.failsAt.map(line => `- ${line}`).join('\n')}

## Measured

${card.measured.at}, ${card.measured.machine}. ${card.measured.how}`
}
