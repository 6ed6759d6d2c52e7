export const firstLoad = async () => []
