using System.Text;
using Spectre.Console;

namespace OrdersActors.Server.Commands.Output;

/// <summary>
/// A table for people. On a terminal it has borders and fits the terminal's width. Otherwise it has plain columns,
/// whose width nothing limits, so that other programs can read them.
/// </summary>
internal sealed class TextTable(params string[] columns)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row, with one cell for each column.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes the table to standard output.</summary>
    public void Write()
    {
        if (Console.IsOutputRedirected)
        {
            Console.Write(ToText());
        }
        else
        {
            AnsiConsole.Write(ToTable());
        }
    }

    /// <summary>The table as plain columns, one line per row.</summary>
    public string ToText()
    {
        string[][] lines = [columns, .. _rows];
        var widths = columns.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.AppendLine(string.Join(Gap, line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return text.ToString();
    }

    private Table ToTable()
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }

        foreach (var row in _rows)
        {
            // Text, because a cell may contain brackets, which are markup.
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        return table;
    }
}
