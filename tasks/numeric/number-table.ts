import { readWallTime } from '@/domain/series'
import type { TableImport, TableItem } from '../task-type'

/** One period a row: when, what it came to, of which series. */
export const numberTable: TableImport = {
  fields: [
    {
      id: 'time',
      label: 'Time',
      hint: 'As 2026-03-29 or 2026-03-29 14:00; with a zone it is put on the project’s clock.',
      required: true,
      names: [
        'time',
        'timestamp',
        'date',
        'datetime',
        'day',
        'hour',
        'week',
        'month',
        'period',
        'ds',
        'start',
        'datum',
      ],
    },
    {
      id: 'series',
      label: 'Series',
      hint: 'Which of several series the row belongs to, as a station or a product.',
      required: false,
      names: ['series', 'series_id', 'unique_id', 'station', 'store', 'sku', 'location', 'group', 'name'],
    },
    {
      id: 'event',
      label: 'Special day',
      hint: 'As Christmas; empty for ordinary days.',
      required: false,
      names: ['event', 'holiday', 'special_day', 'occasion'],
    },
    {
      id: 'unit',
      label: 'Unit',
      hint: 'As rides.',
      required: false,
      names: ['unit', 'units', 'unit_of_measure'],
    },
  ],
  // What came of a period is known once it is over: an empty cell is a period that is still to come.
  truth: {
    hint: 'What it came to, as a number with a decimal point. Empty: not known yet.',
    names: [
      'value',
      'target',
      'y',
      'count',
      'demand',
      'rides',
      'sales',
      'total',
      'amount',
      'quantity',
      'qty',
      'number',
    ],
  },
  itemOf,
  example: { series: 'Rides', time: '2026-03-29', unit: 'rides' },
}

function itemOf(cells: Readonly<Record<string, string>>, timeZone: string): TableItem {
  const cell = (field: string) => cells[field]?.trim() ?? ''
  if (cell('time') === '') return { problem: { field: 'time', detail: 'The time is empty.' } }
  const time = readWallTime(cell('time'), timeZone)
  if (time === undefined)
    return {
      problem: {
        field: 'time',
        detail: 'The time can’t be read. Write it as 2026-03-29 or 2026-03-29 14:00.',
      },
    }
  return {
    payload: {
      series: cell('series') || 'Series',
      time,
      ...(cell('unit') ? { unit: cell('unit') } : {}),
      ...(cell('event') ? { event: cell('event') } : {}),
    },
    receivedAt: null,
  }
}
