export const exports = async () => []
