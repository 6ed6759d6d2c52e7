/**
 * Measures from which likeness on a learned example may be proposed: `npm run measure:memory`. Reads the messages and
 * photos that ship, writes memory.md beside each model.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadDetector } from './image-caption/detector'
import { dot, leastCosine, lookOf } from './image-caption/memory'
import type { MeasuredShare } from './model'
import { dequantise } from './smart-reply/embeddings'
import { learn, leastSimilarity, likeness } from './smart-reply/memory'
import { knownMessages, parseKnowledge } from './smart-reply/pairs'
import { learnTfIdf } from './smart-reply/tfidf'
import { wilson } from './statistics'
import { toBytes } from './vector-bytes'

const folderOf = (kind: string) => join(process.cwd(), 'models', kind)
const show = (share: MeasuredShare | null) =>
  share
    ? `${(share.value * 100).toFixed(1)} % | ${(share.low * 100).toFixed(1)}–${(share.high * 100).toFixed(1)} % | ${share.n}`
    : '– | – | 0'

function measureReplies(): void {
  const folder = folderOf('smart-reply')
  const messages = knownMessages(parseKnowledge(readFileSync(join(folder, 'pairs.txt'), 'utf8')))
  const embeddings = dequantise(readFileSync(join(folder, 'embeddings.bin')))
  const tfidf = learnTfIdf(messages.map(({ message }) => message))
  const rows = messages.flatMap(({ message, block }, at) =>
    block
      ? [
          {
            block,
            known: learn({ id: '', text: message, vector: toBytes(embeddings[at] as Float32Array) }, tfidf),
          },
        ]
      : [],
  )
  const same: number[] = []
  const other: number[] = []
  const nearestOther: number[] = []
  for (const a of rows) {
    let nearest = 0
    for (const b of rows) {
      if (a === b) continue
      const near = likeness(a.known, b.known)
      if (a.block === b.block) same.push(near)
      else {
        other.push(near)
        nearest = Math.max(nearest, near)
      }
    }
    nearestOther.push(nearest)
  }
  const above = (values: readonly number[], least: number) =>
    wilson(values.filter(value => value >= least).length, values.length)
  const count = (values: readonly number[], least: number) =>
    values.filter(value => value >= least).length.toLocaleString('en')
  const lines = [0.45, 0.5, 0.55, 0.6, 0.65, 0.7].map(
    least =>
      `| ${least}${least === leastSimilarity ? ' (in force)' : ''} | ${count(other, least)} | ${show(above(nearestOther, least))} | ${show(above(same, least))} |`,
  )
  writeFileSync(
    join(folder, 'memory.md'),
    `# When a learned reply is proposed

Written by \`models/measure-memory.ts\`; edit that, not this.

A reply that somebody taught is proposed under another message when the two messages are alike enough. Likeness is half
embedding, half words, lowered where the two ask for different things. Measured on the ${rows.length} messages that ship, in
groups that the same replies answer. Messages of one group are written to differ, so few of them are near each other:
the memory stays silent rather than guess.

| likeness from | of ${other.length.toLocaleString('en')} pairs of different groups | messages near any of another group | interval | messages | pairs of one group | interval | pairs |
|---|---|---|---|---|---|---|---|
${lines.join('\n')}

Intervals are 95 % Wilson and treat pairs as independent, so they are somewhat too narrow. The confidence of a learned
reply is the model's own calibration at that likeness, fitted on judged suggestions (card.md).
`,
  )
}

async function measureCaptions(): Promise<void> {
  const photos = join(process.cwd(), 'db', 'seed', 'photos')
  const files = (JSON.parse(readFileSync(join(photos, 'photos.json'), 'utf8')) as { file: string }[]).map(
    photo => photo.file,
  )
  const detect = await loadDetector()
  const looks: { file: string; look: Float32Array }[] = []
  for (const file of files) {
    const look = lookOf((await detect(readFileSync(join(photos, file)))).feature)
    if (look) looks.push({ file, look })
  }
  const pairs = looks
    .flatMap((a, i) => looks.slice(i + 1).map(b => ({ a: a.file, b: b.file, near: dot(a.look, b.look) })))
    .sort((x, y) => y.near - x.near)
  const above = pairs.filter(pair => pair.near >= leastCosine)
  writeFileSync(
    join(folderOf('image-caption'), 'memory.md'),
    `# When a corrected caption is proposed

Written by \`models/measure-memory.ts\`; edit that, not this.

A caption that somebody corrected is proposed under another photo when the cosine of the two photos' features is ${leastCosine} or
more. A feature is the detector's mean over 16 × 16 places, around the mean of the ${looks.length} photos that ship. Of their ${pairs.length} pairs
${above.length} reach it. ${looks.length} photos are few: read this as a picture of what it does, not as a rate.

| photo | photo | cosine | proposed |
|---|---|---|---|
${pairs
  .slice(0, 10)
  .map(({ a, b, near }) => `| ${a} | ${b} | ${near.toFixed(2)} | ${near >= leastCosine ? 'yes' : 'no'} |`)
  .join('\n')}
`,
  )
}

measureReplies()
await measureCaptions()
