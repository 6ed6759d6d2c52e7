export function errorLines(output: string, most?: number): string[]
