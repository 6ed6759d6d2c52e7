import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { quantile, wilson } from '../statistics'
import cardFile from './card.json'
import { writeCard } from './card-text'
import { dequantise, dot, quantise } from './embeddings'
import { fitCalibration, measureThresholds } from './measure'
import { coreOf, decisionKindOf, formOf } from './message-form'
import { smartReplyModel } from './model'
import { knownMessages, parseKnowledge } from './pairs'
import { snapshotOf } from './snapshot'
import { confidenceOf } from './suggest'
import { learnTfIdf, sparseDot } from './tfidf'

const folder = import.meta.dirname
const source = readFileSync(join(folder, 'pairs.txt'), 'utf8')
const knowledge = parseKnowledge(source)

describe('what the model knows', () => {
  it('is at least 1,000 pairs, no message twice, three intents or more to every message', () => {
    const pairs = knowledge.blocks.reduce(
      (sum, block) => sum + block.messages.length * block.replies.length,
      0,
    )
    expect(pairs).toBeGreaterThanOrEqual(1273)
    const messages = knownMessages(knowledge).map(({ message }) => message.toLowerCase())
    expect(new Set(messages).size).toBe(messages.length)
    for (const block of knowledge.blocks)
      expect(new Set(block.replies.map(reply => reply.intent)).size, block.id).toBeGreaterThanOrEqual(
        block.replies.length === 2 ? 2 : 3,
      )
  })

  it('names the line that can’t be read', () => {
    expect(() => parseKnowledge('# a\n> Hi\nmaybe: Hello\n')).toThrow('line 3')
    expect(() => parseKnowledge('# a\n> Hi\n\n')).toThrow('line 3')
  })

  it('fits its embeddings, its card and its snapshot: run train.ts after a change', () => {
    const bytes = readFileSync(join(folder, 'embeddings.bin'))
    expect(statSync(join(folder, 'embeddings.bin')).size).toBeLessThan(1_500_000)
    expect(dequantise(bytes)).toHaveLength(knownMessages(knowledge).length)
    expect(cardFile.snapshot).toBe(snapshotOf(source, bytes, cardFile.calibration))
    // The formatter may lay out lists and tables anew; the words and numbers must be those of the facts.
    const words = (text: string) => text.replace(/[\s|-]/g, '')
    const written = readFileSync(join(folder, 'card.md'), 'utf8')
    expect(words(written)).toBe(words(writeCard(smartReplyModel.card, cardFile.snapshot)))
  })

  it('states intervals around every measured share', () => {
    for (const { result } of smartReplyModel.card.quality) {
      expect(result.low).toBeLessThanOrEqual(result.value)
      expect(result.high).toBeGreaterThanOrEqual(result.value)
      expect(result.n).toBeGreaterThan(0)
    }
    expect(smartReplyModel.card.thresholds.length).toBeGreaterThan(5)
  })
})

describe('measuring', () => {
  it('gives Wilson’s interval', () => {
    // 10 of 10 and 5 of 10 with z = 1.96: 0.7225–1 and 0.2366–0.7634 (Newcombe 1998, method 3).
    expect(wilson(10, 10)).toEqual({ value: 1, low: 0.722, high: 1, n: 10 })
    expect(wilson(5, 10)).toEqual({ value: 0.5, low: 0.237, high: 0.763, n: 10 })
    expect(wilson(0, 0)).toBeNull()
  })

  it('fits a rising confidence to rising success', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      message: String(i),
      score: (i % 10) / 10,
      source: 'example' as const,
      usable: i % 10 > (i % 3) + 3,
    }))
    const calibration = fitCalibration(rows)
    expect(calibration.score).toBeGreaterThan(2)
    const confidences = rows.map(row => confidenceOf(calibration, row.score, row.source))
    const [low, high] = measureThresholds(rows, confidences, 200, [0, 0.5])
    expect(low?.coverage.value).toBe(1)
    expect(high?.coverage.value).toBeLessThan(1)
    expect(high?.precision?.value ?? 0).toBeGreaterThan(low?.precision?.value ?? 1)
  })

  it('takes quantiles by nearest rank', () => {
    expect(quantile([15, 20, 35, 40, 50], 0.3)).toBe(20)
    expect(quantile([15, 20, 35, 40, 50], 1)).toBe(50)
  })
})

describe('retrieval', () => {
  it('finds the text with common words nearer', () => {
    const tfidf = learnTfIdf(['can we meet tomorrow', 'the parcel has arrived', 'can you call me'])
    const query = tfidf.vector('Can we meet?')
    expect(sparseDot(query, query)).toBeCloseTo(1, 12)
    expect(sparseDot(query, tfidf.vector('can we meet tomorrow'))).toBeGreaterThan(
      sparseDot(query, tfidf.vector('the parcel has arrived')),
    )
  })

  it('loses little to eight bits', () => {
    const raw = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i * 12.9898))
    const length = Math.sqrt(dot(raw, raw))
    const unit = raw.map(value => value / length)
    const [back] = dequantise(quantise([unit]))
    expect(dot(unit, back as Float32Array)).toBeGreaterThan(0.9999)
  })
})

describe('what a message wants', () => {
  it.each([
    ['Can you send me the slides?', 'request'],
    ['Please call me back.', 'request'],
    ['Would you mind feeding the fish?', 'request'],
    ['Can I borrow your bike?', 'permission'],
    ['Is it okay if I come later?', 'permission'],
    ['Can Anna come too?', 'permission'],
    ['Do you want to join us?', 'invitation'],
    ['Fancy a swim?', 'invitation'],
    ['Shall we meet at six?', 'proposal'],
    ['How about Tuesday?', 'proposal'],
    ['Does Friday work for you?', 'proposal'],
    ['When can you come?', null],
    ['Could you tell me where it is?', null],
    ['How are you?', null],
    ['Please find attached the list.', null],
    ['Thanks for everything.', null],
  ] as const)('“%s”: %s', (sentence, kind) => {
    expect(decisionKindOf(sentence)).toBe(kind)
  })

  it('is that of its most demanding sentence', () => {
    expect(formOf('The tests are red. Where is the log? Could you look into it? Thanks!')).toEqual({
      form: 'decision',
      sentence: 'Could you look into it?',
    })
    expect(formOf('Where is the log?').form).toBe('open-question')
    expect(formOf('Did you find the log?').form).toBe('fact-question')
    expect(formOf('I found the log.').form).toBe('statement')
  })

  it('is looked for without salutation and closing', () => {
    expect(coreOf('Hi Jo,\n\nCan you come?\n\nBest wishes,\nAmara')).toBe('Can you come?')
    expect(coreOf('Hello!')).toBe('Hello!')
    expect(coreOf('Thanks for your help.')).toBe('Thanks for your help.')
  })
})
