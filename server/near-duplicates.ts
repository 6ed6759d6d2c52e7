import 'server-only'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { areNearDuplicates, bandKeysOfText, bands, pairsOfEqualKeys, UnionFind } from '@/domain/min-hash'
import { differingBits, hashParts, samePictureWithinBits } from '@/domain/perceptual-hash'

/** Longer than this at a time nobody else waits for the event loop. */
const longestTurnMs = 20

/** Gives others their turn where this one has taken long. */
export function turns(): () => Promise<void> {
  let began = performance.now()
  return async () => {
    if (performance.now() - began < longestTurnMs) return
    await nextTurn()
    began = performance.now()
  }
}

/** Inputs, numbered as they come; of each only keys are kept, the words are read again where a pair is looked at. */
export class NearDuplicates {
  private readonly textKeys = Array.from({ length: bands }, () => new Keys())
  private readonly textOwners = new Keys()
  private pictures: { owner: number; hash: string }[] = []
  private readonly turn = turns()
  count = 0

  /** Words, or the hash of a picture; where there is neither, it is like nothing. */
  async add(input: { text: string } | { picture: string } | null): Promise<number> {
    const owner = this.count
    this.count += 1
    if (input && 'picture' in input) this.pictures.push({ owner, hash: input.picture })
    else if (input) {
      const keys = bandKeysOfText(input.text)
      if (keys) {
        for (let band = 0; band < bands; band += 1) this.textKeys[band]?.push(keys[band] as number)
        this.textOwners.push(owner)
      }
      await this.turn()
    }
    return owner
  }

  /**
   * Who stands with whom: for each input the number of the first of its cluster. Candidates are looked at in full.
   *
   * @param read the words of inputs by number; those that are gone are left out
   */
  async cluster(read: (owners: number[]) => Promise<Map<number, string>>): Promise<Uint32Array> {
    const sets = new UnionFind(this.count)
    for (const keys of this.textKeys) {
      const pairs = pairsOfEqualKeys(keys.values(), keys.length)
        .map(([a, b]) => [this.textOwners.at(a), this.textOwners.at(b)] as const)
        .filter(([a, b]) => sets.find(a) !== sets.find(b))
      await nextTurn()
      for (let at = 0; at < pairs.length; at += pairsPerRead) {
        const some = pairs.slice(at, at + pairsPerRead).filter(([a, b]) => sets.find(a) !== sets.find(b))
        if (some.length === 0) continue
        const words = await read([...new Set(some.flat())])
        for (const [a, b] of some) {
          if (sets.find(a) === sets.find(b)) continue
          const [one, other] = [words.get(a), words.get(b)]
          if (one !== undefined && other !== undefined && areNearDuplicates(one, other)) sets.join(a, b)
          await this.turn()
        }
      }
    }
    await this.joinPictures(sets)
    return Uint32Array.from({ length: this.count }, (_, at) => sets.find(at))
  }

  private async joinPictures(sets: UnionFind): Promise<void> {
    const parts = this.pictures.map(one => hashParts(one.hash))
    for (let part = 0; part <= samePictureWithinBits; part += 1) {
      const buckets = new Map<number, number[]>()
      for (let at = 0; at < parts.length; at += 1) {
        const value = parts[at]?.[part] as number
        const bucket = buckets.get(value) ?? []
        const one = this.pictures[at] as (typeof this.pictures)[number]
        for (const other of bucket) {
          const { owner, hash } = this.pictures[other] as typeof one
          if (differingBits(one.hash, hash) <= samePictureWithinBits) sets.join(one.owner, owner)
        }
        bucket.push(at)
        buckets.set(value, bucket)
        await this.turn()
      }
    }
  }
}

const pairsPerRead = 500

/** 32-bit numbers that become more. */
class Keys {
  private store = new Uint32Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.store.length) {
      const larger = new Uint32Array(this.length * 2)
      larger.set(this.store)
      this.store = larger
    }
    this.store[this.length] = value
    this.length += 1
  }

  at = (index: number): number => this.store[index] as number
  values = (): Uint32Array => this.store.subarray(0, this.length)
}
