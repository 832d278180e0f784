using System.Text;
using System.Text.Encodings.Web;

namespace OrdersActors.Http.AsyncApi;

/// <summary>Writes HTML. Every text is encoded; tags and attributes come from this program only.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _html = new();

    /// <summary>Writes tags.</summary>
    public HtmlText Tag(string html)
    {
        _html.Append(html).Append('\n');
        return this;
    }

    /// <summary>Writes an element with a text. Writes nothing if the text is null.</summary>
    /// <param name="name">The name of the element.</param>
    /// <param name="text">The text.</param>
    /// <param name="attributes">The attributes as HTML.</param>
    public HtmlText Element(string name, string? text, string attributes = "")
    {
        if (text is not null)
        {
            var space = attributes.Length > 0 ? " " : "";
            _html.Append($"<{name}{space}{attributes}>{Encode(text)}</{name}>\n");
        }

        return this;
    }

    /// <summary>Writes a table. On a narrow screen, it scrolls alone.</summary>
    /// <param name="caption">What the table shows.</param>
    /// <param name="columns">The heads of the columns.</param>
    /// <param name="rows">The cells. The first one of each row is code.</param>
    public HtmlText Table(string caption, string[] columns, IEnumerable<string[]> rows)
    {
        Tag($"<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{Encode(caption)}\">")
            .Tag("<table>").Element("caption", caption).Tag("<thead><tr>");
        foreach (var column in columns)
        {
            Element("th", column, "scope=\"col\"");
        }

        Tag("</tr></thead>").Tag("<tbody>");
        foreach (var row in rows)
        {
            Tag($"<tr><th scope=\"row\"><code>{Encode(row[0])}</code></th>");
            foreach (var cell in row.Skip(1))
            {
                Element("td", cell);
            }

            Tag("</tr>");
        }

        return Tag("</tbody>").Tag("</table>").Tag("</div>");
    }

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_html.ToString());

    public static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
