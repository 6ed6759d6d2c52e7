/** What is true while the server can't be reached, for the lane and for notes. */
export function offlineWords(waiting: number): string {
  if (waiting === 0) return 'Offline. Nothing is waiting.'
  return `Offline. ${waiting} ${waiting === 1 ? 'decision waits' : 'decisions wait'} on this device.`
}
