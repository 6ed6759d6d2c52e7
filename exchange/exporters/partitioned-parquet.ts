import { splits } from '@/domain/dataset-split'
import type { DatasetExporter } from '../exporter'
import { type ZipEntry, zipOf } from '../zip-stream'
import { parquetOf } from './dataset-parquet'
import { manifestOf } from './manifest'

/**
 * Parquet in the layout of Hive: `split=train/part-00000.parquet` and so on, in a zip. The split stands in the name of
 * the folder alone, so that Dask, Ray, Spark, DuckDB and pyarrow read the folder as one table with that column.
 */
export const partitionedParquet: DatasetExporter = (source, task) => {
  async function* entries(): AsyncGenerator<ZipEntry> {
    for (const split of splits)
      if (source.facts.splits[split] > 0)
        yield {
          path: `split=${split}/part-00000.parquet`,
          bytes: parquetOf(source.rows(split), task, { jsonAs: 'text', without: 'split' }),
        }
    // Readers of such folders pass over names that begin with an underscore.
    yield { path: '_amend.json', bytes: manifestOf(source.facts, {}) }
  }
  return zipOf(entries())
}
