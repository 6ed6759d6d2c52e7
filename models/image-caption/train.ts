/**
 * Measures the caption model on the photos that ship: `npm run train:captions`. Nothing is fitted: this writes
 * card.json, card.md and centre.json, the mean that photos are compared around. Every number on the card comes from here.
 */
import { createHash } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { ThresholdMeasure } from '@/domain/guardrails'
import { cardHead, shareCells } from '../card-text'
import { measureWorker } from '../measure-worker'
import type { ModelCard } from '../model'
import { bootstrapMean, wilson } from '../statistics'
import { type Caption, composeCaption } from './compose'
import { leastScore } from './detections'
import { featureSize, loadDetector, weightFiles } from './detector'
import { rougeL } from './rouge'

// Raise it when the code answers differently from the same weights.
const codeVersion = 1
const thresholds = [0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6]
const folder = join(process.cwd(), 'models', 'image-caption')
const photosFolder = join(process.cwd(), 'db', 'seed', 'photos')

interface Photo {
  file: string
  referenceCaption: string
  /** The countable things in it that the detector has a word for, judged by eye. */
  present: Record<string, number>
}

interface Told {
  photo: Photo
  caption: Caption | null
}

async function measure(): Promise<void> {
  const photos: Photo[] = JSON.parse(readFileSync(join(photosFolder, 'photos.json'), 'utf8'))
  const detect = await loadDetector()
  const told: Told[] = []
  const features: Float32Array[] = []
  for (const photo of photos) {
    const { things, feature } = await detect(readFileSync(join(photosFolder, photo.file)))
    told.push({ photo, caption: composeCaption(things) })
    features.push(feature)
  }
  writeFileSync(join(folder, 'centre.json'), `${JSON.stringify(centreOf(features))}\n`)
  const captioned = told.filter((row): row is Told & { caption: Caption } => row.caption !== null)

  const { graph, weights } = weightFiles()
  const snapshot = createHash('sha256')
    .update(`${codeVersion}\n`)
    .update(readFileSync(graph))
    .update(readFileSync(weights))
    .digest('hex')
    .slice(0, 12)
  const how = `The ${photos.length} photos of the demo album, against captions and lists of things written by looking at them.`
  const right = captioned.filter(allThere)
  const counted = captioned.filter(rightCounts)
  const share = (part: number) => wilson(part, captioned.length)
  const card: ModelCard = {
    name: 'Captions from detected things',
    summary:
      'Counts the things of 80 everyday kinds that an object detector (CenterNet on MobileNetV3) sees in a photo and says so in one English sentence. It says nothing where it recognises nothing.',
    goodAt: [
      'Naming large, ordinary things: a person, a cup, a dog, a car.',
      'Staying silent on pictures in which it recognises nothing.',
    ],
    failsAt: [
      'It knows 80 kinds of things and takes others for one of them: a seed head for a bird, rocks for sheep.',
      'It says what is there, not what happens, where, or how it looks.',
      'Things behind others, small or cut off are missed, so counts are often too low.',
      'Patterns, roofs, plants and rocks are taken for animals.',
    ],
    trainingData: [
      {
        what: 'Weights trained elsewhere on COCO 2017 and shipped in the package @vladmandic/human',
        rows: 0,
        licence: 'MIT (package)',
      },
    ],
    licence: 'Apache-2.0 (code); the weights MIT',
    offline: true,
    telemetry: false,
    measured: {
      at: new Date().toISOString().slice(0, 10),
      machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 1e9)} GB, Node ${process.versions.node}`,
      how: `${how} So few photos tell little: read the intervals.`,
    },
    quality: [
      {
        measure: 'ROUGE-L F1 against one reference caption',
        how: `Mean over the photos that got a caption; interval by bootstrap.`,
        result: bootstrapMean(captioned.map(row => rougeL(row.caption.text, row.photo.referenceCaption))),
      },
      ...[
        { measure: 'captions in which everything named is in the photo', how, result: share(right.length) },
        {
          measure: 'captions that also count it right',
          how,
          result: share(counted.length),
        },
        {
          measure: 'photos that got a caption',
          how,
          result: wilson(captioned.length, photos.length),
        },
      ].flatMap(row => (row.result ? [{ ...row, result: row.result }] : [])),
    ],
    thresholds: thresholds.map(threshold => atThreshold(threshold, captioned, photos.length)),
    cost: {
      ...(await measureWorker('image-caption')),
      sizeMb: Math.round(((statSync(graph).size + statSync(weights).size) / 1e6) * 10) / 10,
      learnMs: 0,
    },
    notes: [
      `A detection counts from a score of ${leastScore} on; boxes that share most of their area are one thing.`,
      'Measured on the files as they ship. An upload is encoded anew, which moves scores by a few hundredths.',
      'Confidence is the best score among the things named. It orders captions; it is no probability.',
    ],
  }
  writeFileSync(join(folder, 'card.json'), `${JSON.stringify({ snapshot, card }, null, 2)}\n`)
  writeFileSync(join(folder, 'card.md'), cardText(card, snapshot, told))
  for (const { photo, caption } of told) console.log(`${photo.file}: ${caption?.text ?? '(nothing)'}`)
}

/** The mean feature of the photos, rounded: what all pictures have in common is taken off before two are compared. */
function centreOf(features: readonly Float32Array[]): number[] {
  return Array.from({ length: featureSize }, (_, i) => {
    const mean = features.reduce((sum, feature) => sum + (feature[i] as number), 0) / features.length
    return Math.round(mean * 1e5) / 1e5
  })
}

const allThere = ({ photo, caption }: Told) =>
  caption?.things.every(thing => (photo.present[thing.label] ?? 0) > 0) ?? false
const rightCounts = (row: Told) =>
  allThere(row) && (row.caption?.things.every(t => row.photo.present[t.label] === t.count) ?? false)

function atThreshold(threshold: number, rows: readonly Told[], photos: number): ThresholdMeasure {
  const shown = rows.filter(row => (row.caption?.confidence ?? 0) >= threshold)
  return {
    threshold,
    precision: wilson(shown.filter(allThere).length, shown.length),
    coverage: wilson(shown.length, photos) ?? { value: 0, low: 0, high: 0, n: 0 },
  }
}

function cardText(card: ModelCard, snapshot: string, told: readonly Told[]): string {
  return `${cardHead(card, snapshot)} Intervals of shares are 95 % Wilson.

| measure | value | interval | n |
|---|---|---|---|
${card.quality.map(row => `| ${row.measure} | ${shareCells(row.result)} |`).join('\n')}

By confidence threshold:

| threshold | everything named is there | interval | shown | photos captioned | interval | photos |
|---|---|---|---|---|---|---|
${card.thresholds.map(row => `| ${row.threshold} | ${row.precision ? shareCells(row.precision) : 'none shown | | 0'} | ${shareCells(row.coverage)} |`).join('\n')}

What it says of the photos of the demo, uncorrected:

| photo | caption | score | ROUGE-L |
|---|---|---|---|
${told.map(({ photo, caption }) => `| ${photo.file} | ${caption?.text ?? 'nothing'} | ${caption ? `${caption.confidence.toFixed(2)} | ${rougeL(caption.text, photo.referenceCaption).toFixed(2)}` : '– | –'} |`).join('\n')}

${card.notes.map(line => `- ${line}`).join('\n')}

## Cost

| | |
|---|---|
| answer, median | ${card.cost.latencyP50Ms} ms |
| answer, 95th percentile | ${card.cost.latencyP95Ms} ms |
| start | ${card.cost.loadMs} ms |
| memory | ${card.cost.memoryMb} MB |
| size on disk | ${card.cost.sizeMb} MB |
| works offline | yes |
| telemetry | none |

The model itself: ${card.licence}.
`
}

await measure()
