import { cardHead, shareCells } from '../card-text'
import type { ModelCard } from '../model'

/** The card as Markdown, from the same facts that the app shows. */
export function writeCard(card: ModelCard, snapshot: string): string {
  return `${cardHead(card, snapshot)} Intervals are 95 % Wilson.

| measure | value | interval | n | how |
|---|---|---|---|---|
${card.quality.map(row => `| ${row.measure} | ${shareCells(row.result)} | ${row.how} |`).join('\n')}

Of fresh everyday messages, by confidence threshold:

| threshold | usable of shown | interval | shown | messages answered | interval | messages |
|---|---|---|---|---|---|---|
${card.thresholds
  .map(
    row =>
      `| ${row.threshold} | ${row.precision ? shareCells(row.precision) : 'none shown | | 0'} | ${shareCells(row.coverage)} |`,
  )
  .join('\n')}

${card.notes.map(line => `- ${line}`).join('\n')}

## Cost

| | |
|---|---|
| answer, median | ${card.cost.latencyP50Ms} ms |
| answer, 95th percentile | ${card.cost.latencyP95Ms} ms |
| start | ${card.cost.loadMs} ms |
| memory | ${card.cost.memoryMb} MB |
| size on disk | ${card.cost.sizeMb} MB |
| time to learn | ${card.cost.learnMs} ms |
| works offline | ${card.offline ? 'yes' : 'no'} |
| telemetry | ${card.telemetry ? 'yes' : 'none'} |

## Data and licence

| data | rows | licence |
|---|---|---|
${card.trainingData.map(row => `| ${row.what} | ${row.rows || '–'} | ${row.licence} |`).join('\n')}

The model itself: ${card.licence}.
`
}
