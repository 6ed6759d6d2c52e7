import { ofHundred } from '@/domain/percent'

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** What one feature does to a forecast, in a sentence: `Sunday: 58 % less than a usual period (weight −0.87).` */
export function partWords(name: string, adds: number): string {
  const [kind = '', ...rest] = name.split(':')
  const label =
    kind === 'weekday'
      ? (weekdays[Number(rest[0])] ?? name)
      : kind === 'month'
        ? (months[Number(rest[0]) - 1] ?? name)
        : kind === 'hour'
          ? `${rest[1]?.padStart(2, '0')}:00 on a ${rest[0] === 'weekend' ? 'weekend day' : 'weekday'}`
          : kind === 'trend'
            ? 'Trend up to this time'
            : rest.join(':')
  const share = Math.round(Math.abs(Math.expm1(adds)) * 100)
  const weight = `${adds < 0 ? '−' : '+'}${Math.abs(adds).toFixed(2)}`
  return share === 0
    ? `${label}: next to no difference (${weight}).`
    : `${label}: ${ofHundred(share)} ${adds < 0 ? 'less' : 'more'} than usual (${weight} on the log scale).`
}
