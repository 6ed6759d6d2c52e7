import type { FeedbackExporter } from './exporter'
import { csvExporter } from './exporters/csv'
import { jsonlExporter } from './exporters/jsonl'

/** Every format in which feedback leaves; the API's `format` names one of these. */
export const feedbackExporters = { jsonl: jsonlExporter, csv: csvExporter } as const satisfies Record<
  string,
  FeedbackExporter
>
