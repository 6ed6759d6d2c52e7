import { describe, expect, it } from 'vitest'
import { confidentJoint, outOfSample } from './confident-learning'

describe('labels that the others make unlikely', () => {
  it('has the thresholds and the joint counts that follow from eight rows by hand', () => {
    const first = [0.9, 0.8, 0.7, 0.1, 0.1, 0.2, 0.3, 0.9]
    const { thresholds, joint, unlikely } = confidentJoint(
      [0, 0, 0, 0, 1, 1, 1, 1],
      first.map(p => [p, 1 - p]),
    )
    expect(thresholds.map(t => Number(t.toFixed(3)))).toEqual([0.625, 0.625])
    expect(joint).toEqual([
      [3, 1],
      [1, 3],
    ])
    expect(unlikely.map(one => one.row)).toEqual([3, 7])
  })

  it('never judges a text by itself or by what it belongs to', () => {
    const texts = ['red apple', 'red cherry', 'blue sky', 'blue sea', 'red rose']
    const labels = [0, 0, 1, 1, 1]
    const apart = outOfSample(texts, labels, [0, 1, 2, 3, 4], 2)
    for (const row of apart) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
    expect(confidentJoint(labels, apart).unlikely.map(one => one.row)).toContain(4)
    // The rose alone says “red” of class 1; hidden, nothing does.
    expect(apart[4]?.[0]).toBeGreaterThan(0.5)
  })
})
