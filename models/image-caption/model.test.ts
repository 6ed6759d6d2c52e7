import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWorker } from '../build-worker'
import { configureModels, loadModel, predictWith, stopModels } from '../registry'
import { bootstrapMean } from '../statistics'
import { composeCaption, inWords } from './compose'
import { type Detection, distinct, overlap } from './detections'
import { rougeL } from './rouge'

const seen = (label: string, score: number, box: Detection['box'] = [0, 0, 10, 10]): Detection => ({
  label,
  score,
  box,
})
const apart = (n: number): Detection['box'] => [n * 20, 0, n * 20 + 10, 10]

describe('what was detected', () => {
  it('two boxes of 10 × 10 px shifted by 5 share a third of their union', () => {
    expect(overlap([0, 0, 10, 10], [5, 0, 15, 10])).toBeCloseTo(1 / 3)
    expect(overlap([0, 0, 10, 10], [20, 0, 30, 10])).toBe(0)
  })

  it('one thing taken for two counts once, as what it was surest of; noise does not count', () => {
    expect(distinct([seen('cow', 0.39), seen('sheep', 0.45), seen('dog', 0.24, apart(3))])).toEqual([
      seen('sheep', 0.45),
    ])
  })
})

describe('the sentence', () => {
  it('counts, names the surest first and three kinds at most', () => {
    const rows = [
      seen('person', 0.3, apart(1)),
      seen('car', 0.6, apart(2)),
      seen('car', 0.5, apart(3)),
      seen('umbrella', 0.4, apart(4)),
      seen('dog', 0.26, apart(5)),
    ]
    expect(composeCaption(rows)).toMatchObject({
      text: 'A photo of two cars, an umbrella and a person.',
      confidence: 0.6,
    })
  })

  it('says nothing of nothing', () => expect(composeCaption([seen('dog', 0.1)])).toBeNull())

  it.each([
    ['person', 3, 'three people'],
    ['sheep', 6, 'six sheep'],
    ['pair of scissors', 2, 'two pairs of scissors'],
    ['toothbrush', 2, 'two toothbrushes'],
    ['couch', 2, 'two couches'],
    ['knife', 2, 'two knives'],
    ['apple', 1, 'an apple'],
    ['bird', 12, 'several birds'],
  ])('%s × %i is “%s”', (label, count, words) => expect(inWords({ label, count })).toBe(words))
})

describe('ROUGE-L', () => {
  // Lin (2004), section 3.1: S1 “police killed the gunman”, S2 “police kill the gunman”, S3 “the gunman kill police”.
  it('gives the published values', () => {
    expect(rougeL('police kill the gunman', 'police killed the gunman')).toBeCloseTo(0.75)
    expect(rougeL('the gunman kill police', 'police killed the gunman')).toBeCloseTo(0.5)
    expect(rougeL('', 'a dog')).toBe(0)
  })

  it('its interval holds the mean and is the same each time', () => {
    const once = bootstrapMean([0.1, 0.2, 0.3, 0.4])
    expect(once).toEqual(bootstrapMean([0.1, 0.2, 0.3, 0.4]))
    expect(once).toMatchObject({ value: 0.25, n: 4 })
    expect(once.low).toBeLessThan(0.25)
    expect(once.high).toBeGreaterThan(0.25)
  })
})

describe('the worker that ships', () => {
  let workersDir: string
  beforeAll(async () => {
    workersDir = await buildWorker('image-caption')
    configureModels({ workersDir })
  })
  afterAll(async () => {
    await stopModels()
    rmSync(workersDir, { recursive: true })
  })
  const ask = (picture: Uint8Array | Promise<Uint8Array>) =>
    predictWith({ kind: 'image-caption' }, {}, { timeoutMs: 15_000, media: async () => picture })

  it('says of the demo’s photos what its card says it says, mistakes included', async () => {
    const card = (await readFile(join(import.meta.dirname, 'card.md'), 'utf8')).replace(/ +/g, ' ')
    for (const file of ['two-dogs.jpg', 'dandelion.jpg', 'astronaut.jpg']) {
      const answer = await ask(readFile(join(process.cwd(), 'db', 'seed', 'photos', file)))
      if (answer.status !== 'ok') throw new Error(`${file}: ${answer.detail}`)
      const [candidate] = answer.candidates
      expect(card).toContain(`| ${file} | ${(candidate?.value as { text: string } | undefined)?.text} |`)
      expect(candidate?.evidence[0]?.text).toContain('The detector took something for')
      expect(answer.measured).toEqual((await loadModel('image-caption'))?.card.thresholds)
    }
  })

  it('proposes nothing where it recognises nothing, and says so', async () => {
    const grey = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#888' } })
      .png()
      .toBuffer()
    expect(await ask(grey)).toMatchObject({ status: 'none', detail: 'The model recognised nothing in it.' })
  })

  it('a picture that can’t be read costs that suggestion only', async () => {
    expect(await ask(new Uint8Array([1, 2, 3]))).toMatchObject({ status: 'down' })
    expect((await ask(readFile(join(process.cwd(), 'db', 'seed', 'photos', 'coffee.jpg')))).status).toBe('ok')
  })
})
