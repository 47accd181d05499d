import * as vscode from 'vscode';

/** What a lens carries, as the protocol writes it: zero-based lines and UTF-16 columns, as VS Code counts them. */
interface Position {
  readonly line: number;
  readonly character: number;
}

interface Location {
  readonly uri: string;
  readonly range: { readonly start: Position; readonly end: Position };
}

/** A command that the server's lenses run in the client: it is named to the server at the start. */
export const SHOW_REFERENCES = 'koze.showReferences';

/** "2 pages read this": the places, in the peek view of the place that the lens stands at. */
export async function showReferences(uri: string, position: Position, locations: Location[]): Promise<void> {
  await vscode.commands.executeCommand(
    'editor.action.showReferences',
    vscode.Uri.parse(uri),
    at(position),
    locations.map(
      ({ uri: file, range }) =>
        new vscode.Location(vscode.Uri.parse(file), new vscode.Range(at(range.start), at(range.end))),
    ),
  );
}

function at({ line, character }: Position): vscode.Position {
  return new vscode.Position(line, character);
}
