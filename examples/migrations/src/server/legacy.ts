export interface Row {
  id: number;
  name: string;
}

export async function fetchLegacyData(sourceId: string): Promise<Row[]> {
  return [1, 2, 3].map((id) => ({ id, name: `${sourceId}-${id}` }));
}

export async function transformData(rows: Row[]): Promise<Row[]> {
  return rows.map((row) => ({ ...row, name: row.name.toUpperCase() }));
}

export async function importToNewSystem(rows: Row[]): Promise<number> {
  return rows.length;
}
