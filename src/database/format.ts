/** The format of the database that this program writes. A newer one is refused by name. */
export const formatVersion = 1
