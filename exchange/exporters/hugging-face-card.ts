import { stringify } from 'yaml'
import type { TaskType } from '@/tasks/task-type'
import type { VersionFacts } from '../exporter'
import type { WrittenSplit } from './hugging-face'

/** The sizes that the hub knows, by what they stay below. */
const sizes: [number, string][] = [
  [1e3, 'n<1K'],
  [1e4, '1K<n<10K'],
  [1e5, '10K<n<100K'],
  [1e6, '100K<n<1M'],
  [1e7, '1M<n<10M'],
]

/** README.md of a Hugging Face folder: its YAML, then the card. */
export function cardOf(
  facts: VersionFacts,
  task: TaskType,
  {
    features,
    written,
  }: { features: readonly { name: string; dtype: string }[]; written: readonly WrittenSplit[] },
): Uint8Array {
  const rows = written.reduce((sum, one) => sum + one.rows, 0)
  const bytes = written.reduce((sum, one) => sum + one.bytes, 0)
  const front = {
    pretty_name: `${facts.name}, version ${facts.number}`,
    ...(facts.licence === null ? {} : { license: facts.licence.toLowerCase() }),
    ...(task.chats ? { task_categories: ['text-generation'] } : {}),
    ...(task.showsPictures ? { task_categories: ['image-to-text'] } : {}),
    size_categories: [sizes.find(([below]) => rows < below)?.[1] ?? 'n>10M'],
    annotations_creators: [facts.target === 'resolution' ? 'expert-generated' : 'crowdsourced'],
    configs: [
      {
        config_name: 'default',
        data_files: written.map(({ split, path }) => ({
          split,
          path: task.mediaOf ? `${split}/**` : path,
        })),
      },
    ],
    dataset_info: {
      features,
      splits: written.map(one => ({ name: one.split, num_bytes: one.bytes, num_examples: one.rows })),
      download_size: bytes,
      dataset_size: bytes,
    },
  }
  return Buffer.from(`---\n${stringify(front)}---\n\n${facts.card}\n`)
}
