import { describe, expect, it } from 'vitest'
import {
  boxOfCorners,
  cocoOverlaps,
  detectionCounts,
  intersectionOverUnion,
  labelHits,
  meanAveragePrecision,
} from './boxes'
import { brierOf, calibrationError, calibrationParts, errorsOf, f1Of } from './numbers'
import {
  bleu,
  bleuParts,
  characterErrorParts,
  chrF,
  chrFParts,
  exactMatch,
  likeness,
  rougeL,
  wordErrorParts,
} from './text'

const added = (all: number[][]) => all.reduce((sums, one) => sums.map((sum, at) => sum + (one[at] ?? 0)))
const rate = (parts: number[] | null) => parts && (parts[0] as number) / (parts[1] as number)

describe('texts', () => {
  it('match exactly after the published normalisation', () => {
    expect(exactMatch('Yes,  that works!', ['No.', 'yes that works'])).toBe(true)
    expect(exactMatch('Yes', ['Yes please'])).toBe(false)
    expect(exactMatch('ﬁne', ['fine'])).toBe(true)
  })

  it('ROUGE-L as google-research/rouge has it', () => {
    const { precision, recall, f1 } = rougeL('testing two', 'testing one two')
    expect([precision, recall, f1]).toEqual([1, 2 / 3, expect.closeTo(0.8, 10)])
    expect(rougeL('', 'testing').f1).toBe(0)
  })

  it('chrF as the tests of sacreBLEU have it (β 3, eps)', () => {
    const of = (text: string, reference: string) => chrF(chrFParts(text, reference), { beta: 3, eps: true })
    expect(of('aa', 'ab')).toBeCloseTo(8.3333, 4)
    expect(of('a b c', 'abc')).toBeCloseTo(50, 6)
    // By hand, without eps: orders 1 and 2 count, precision and recall are 1/2 and 0, their means 1/4.
    expect(chrF(chrFParts('aa', 'ab'))).toBeCloseTo(25, 10)
  })

  it('BLEU as the README of sacreBLEU has it, with 13a and without taking apart', () => {
    const texts = ['The dog bit the man.', "It wasn't surprising.", 'The man had just bitten him.']
    const references = [
      ['The dog bit the man.', 'The dog had bit the man.'],
      ['It was not unexpected.', 'No one was surprised.'],
      ['The man bit him first.', 'The man had bitten the dog.'],
    ]
    const of = (tokenize: boolean) =>
      bleu(added(texts.map((text, at) => bleuParts(text, references[at] ?? [], { tokenize }))))
    expect(of(true)).toBeCloseTo(48.530827, 5)
    expect(of(false)).toBeCloseTo(49.1919566, 5)
  })

  it('word and character errors as jiwer has them; an empty reference has none', () => {
    expect(rate(wordErrorParts('X X Y Y', 'X'))).toBe(3)
    expect(rate(wordErrorParts('X Z', 'X Y X'))).toBeCloseTo(2 / 3, 10)
    expect(wordErrorParts('X', '')).toBeNull()
    // By hand: “kitten” to “sitting” takes three edits of seven characters.
    expect(rate(characterErrorParts('kitten', 'sitting'))).toBeCloseTo(3 / 7, 10)
  })

  it('are as alike as the share of their trigrams', () => {
    expect(likeness('See you', 'see you!')).toBe(1)
    expect(likeness('abc', 'xyz')).toBe(0)
    // By hand: “ ab” “ab ” and “ ab” “abc” “bc ”: one shared of two and three.
    expect(likeness('ab', 'abc')).toBeCloseTo(2 / 5, 10)
  })
})

describe('numbers', () => {
  it('errors; no share of a truth of zero', () => {
    expect(errorsOf(8, 10)).toEqual({ absolute: 2, squared: 4, share: 0.2 })
    expect(errorsOf(1, 0).share).toBeNull()
  })

  it('precision, recall and F1', () => {
    expect(f1Of(2, 1, 2)).toEqual({ precision: 2 / 3, recall: 0.5, f1: expect.closeTo(0.5714, 4) })
    expect(f1Of(0, 0, 0)).toEqual({ precision: null, recall: null, f1: null })
  })

  it('calibration and Brier score, worked by hand: .13 and .126', () => {
    const confidences = [0.95, 0.85, 0.75, 0.65, 0.55, 0.95, 0.85, 0.75, 0.65, 0.55]
    const hits = [1, 1, 1, 1, 1, 1, 1, 0, 0, 0]
    expect(
      calibrationError(added(confidences.map((p, at) => calibrationParts(p, hits[at] === 1)))),
    ).toBeCloseTo(0.13, 10)
    const brier = [0.9, 0.9, 0.6, 0.6, 0.3].map((p, at) => brierOf(p, at < 3))
    expect(brier.reduce((sum, one) => sum + one, 0) / 5).toBeCloseTo(0.126, 10)
    expect(calibrationError([])).toBeNull()
  })
})

describe('boxes', () => {
  const found = { box: boxOfCorners([258, 41, 606, 285]), label: 'car', score: 0.536 }
  const truth = { box: boxOfCorners([214, 41, 562, 285]), label: 'car' }

  it('overlap and average precision as the documentation of torchmetrics has them', () => {
    expect(intersectionOverUnion(found.box, truth.box)).toBeCloseTo(0.7755, 4)
    const at = (from: number) => meanAveragePrecision([labelHits([found], [truth], from)])
    expect(at(0.5)).toBe(1)
    expect(at(0.75)).toBe(1)
    const all = cocoOverlaps.map(from => at(from) ?? 0)
    expect(all.reduce((sum, one) => sum + one, 0) / all.length).toBeCloseTo(0.6, 10)
    expect(meanAveragePrecision([labelHits([found], [], 0.5)])).toBeNull()
  })

  it('are matched one to one, the surest first: 3 found, 2 right, 4 true', () => {
    const box = (x: number) => [x, 0, 10, 10] as const
    const counts = detectionCounts(
      [0, 100, 300].map((x, at) => ({ box: box(x), label: 'car', score: 0.9 - at / 10 })),
      [0, 100, 200, 400].map(x => ({ box: box(x), label: 'car' })),
    )
    expect(counts).toEqual([2, 1, 2])
    const { precision, recall, f1 } = f1Of(...counts)
    expect([precision, recall, f1].map(one => one?.toFixed(3))).toEqual(['0.667', '0.500', '0.571'])
    const twice = [
      { ...truth, score: 0.9 },
      { ...truth, score: 0.8 },
    ]
    expect(detectionCounts(twice, [truth])).toEqual([1, 1, 0])
  })
})
