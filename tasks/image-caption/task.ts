import { z } from 'zod'
import { textMetrics } from '@/domain/metrics/text-metrics'
import type { TaskType } from '../task-type'
import { imageCaptionFacts } from './facts'

/** A photo: its stored file, its size in pixels as it is shown (turned upright), and what came with it. */
export const imageCaptionPayloadSchema = z.object({
  /** The stored picture, as `POST /projects/{project}/media` named it. */
  mediaId: z.uuid(),
  width: z.number().int().min(1).max(100_000),
  height: z.number().int().min(1).max(100_000),
  /** A text for people who don't see the picture, where its owner gave one. */
  alt: z.string().max(1000).optional(),
  fileName: z.string().max(255).optional(),
})
export type ImageCaptionPayload = z.infer<typeof imageCaptionPayloadSchema>

/** A caption. */
export const imageCaptionValueSchema = z.object({ text: z.string().trim().min(1).max(1000) })
export type ImageCaptionValue = z.infer<typeof imageCaptionValueSchema>

const { rouge, chrf, bleu, exact, version } = textMetrics<ImageCaptionPayload, ImageCaptionValue>(
  value => value.text,
)

const words = (text: string) => text.trim().split(/\s+/u).filter(Boolean)

/**
 * One sentence under a photo. Two captions are the same when they are equal after white space at both ends is trimmed;
 * case and punctuation count. Distance is counted in words, since a caption is corrected word by word.
 */
export const imageCaption: TaskType<ImageCaptionPayload, ImageCaptionValue> = {
  ...imageCaptionFacts,
  payloadSchema: imageCaptionPayloadSchema,
  valueSchema: imageCaptionValueSchema,
  textOf: value => value.text,
  valueOfText: text => (text.trim() === '' ? null : { text: text.trim() }),
  mapTexts: (payload, change) => ({
    ...payload,
    ...(payload.alt === undefined ? {} : { alt: change(payload.alt) }),
    ...(payload.fileName === undefined ? {} : { fileName: change(payload.fileName) }),
  }),
  mapValueTexts: (value, change) => ({ ...value, text: change(value.text) }),
  inputText: payload => [payload.alt, payload.fileName].filter(Boolean).join(' '),
  titleOf: payload => payload.alt?.trim() || payload.fileName?.trim() || 'Photo',
  itemOfPicture: picture => picture,
  mediaOf: ({ mediaId, width, height, alt }) => ({ id: mediaId, width, height, alt: alt?.trim() || null }),
  sameValue: (a, b) => a.text.trim() === b.text.trim(),
  editDistance: (a, b) => wordDistance(words(a.text), words(b.text)),
  flatColumns: payload => ({
    media_id: payload.mediaId,
    width: payload.width,
    height: payload.height,
    alt: payload.alt ?? null,
    file_name: payload.fileName ?? null,
  }),
  slicesOf: ({ width, height }) => ({
    orientation: width > height ? 'landscape' : width < height ? 'portrait' : 'square',
    megapixels: Math.round((width * height) / 1e5) / 10,
  }),
  metrics: {
    version,
    all: [rouge, chrf, bleu, exact],
    right: {
      metric: rouge.id,
      from: 0.5,
      words: 'its caption shares half of its words, in order, with a true one.',
    },
  },
  guardrails: { version: 'image-caption-1', rules: [] },
}

/** Levenshtein distance over words, divided by the longer count: 0–1. “a brown dog” → “a tabby cat” is 2/3. */
function wordDistance(a: readonly string[], b: readonly string[]): number {
  const longest = Math.max(a.length, b.length)
  if (longest === 0) return 0
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(
        Math.min(
          (row[j] as number) + (a[i] === b[j] ? 0 : 1),
          (row[j + 1] as number) + 1,
          (next[j] as number) + 1,
        ),
      )
    row = next
  }
  return (row[b.length] as number) / longest
}
