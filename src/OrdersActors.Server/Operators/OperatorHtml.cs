using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace OrdersActors.Server.Operators;

/// <summary>The HTML of the operators' page. It has no script. Every text that is not a constant is encoded.</summary>
internal static class OperatorHtml
{
    public const string ContentType = "text/html; charset=utf-8";

    private const string Style = """
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
            color: #1a1a1a; background: #fff; }
        table { border-collapse: collapse; margin-bottom: 1.5rem; }
        th, td { border-bottom: 1px solid #d0d0d0; padding: .25rem 1rem .25rem 0; text-align: left; }
        .number { text-align: right; }
        .problem { color: #a40000; }
        header { display: flex; justify-content: space-between; align-items: baseline; }
        input, button { font: inherit; padding: .3rem .6rem; }
        @media (prefers-color-scheme: dark) {
            body { color: #e8e8e8; background: #161616; } th, td { border-color: #444; }
            .problem { color: #ff8a80; } a { color: #8ab4f8; } }
        </style>
        """;

    /// <summary>The form of the sign-in.</summary>
    public static string SignIn(string message) => Document("Sign in", "", $"""
        <h1>OrdersActors: operators</h1>
        <form method="post" action="{OperatorGate.SignInPath}">
        <p class="problem" role="alert">{Encode(message)}</p>
        <p><label>Password <input type="password" name="password" autocomplete="current-password" required autofocus>
        </label> <button>Sign in</button></p>
        </form>
        """);

    /// <summary>The page. The browser loads it again every five seconds.</summary>
    public static string Page(OperatorSnapshot snapshot, bool hasDashboard)
    {
        var body = new StringBuilder($"""
            <header><h1>OrdersActors: operators</h1>
            <form method="post" action="{OperatorGate.SignOutPath}"><button>Sign out</button></form></header>
            <p>{Encode(snapshot.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture))}
            {(hasDashboard ? $"<a href=\"{OperatorGate.DashboardPath}/\">Orleans' dashboard</a>" : "")}</p>
            """);
        foreach (var problem in snapshot.Problems)
        {
            body.Append($"<p class=\"problem\">{Encode(problem)}</p>");
        }

        Table(body, "Front ends", ["Front end", "Connections"], snapshot.FrontEnds.Select(
            frontEnd => (string[])[frontEnd.Name, Number(frontEnd.Connections)]));
        Table(body, "Organizations with the most connections", ["Organization", "Connections"],
            snapshot.Organizations.Select(
                organization => (string[])[organization.Name, Number(organization.Connections)]));
        Table(body, "Closes in the last ten minutes", ["Status", "Connections"], snapshot.Closes.Select(
            close => (string[])[close.Name, Number(close.Connections)]));
        Table(body, "Partitions", ["Partition", "Position", "Checkpoint", "Lag", "Home"], snapshot.Partitions.Select(
            partition => (string[])[
                Number(partition.Partition), Number(partition.Position), Number(partition.Checkpoint),
                Number(partition.Lag), partition.Home ?? "-"]));
        Table(body, "Silos", ["Silo"], snapshot.Silos.Select(silo => (string[])[silo]));
        return Document("Operators", "<meta http-equiv=\"refresh\" content=\"5\">", body.ToString());
    }

    private static void Table(StringBuilder body, string title, string[] columns, IEnumerable<string[]> rows)
    {
        body.Append($"<h2>{title}</h2><table><tr>");
        foreach (var column in columns)
        {
            body.Append($"<th>{column}</th>");
        }

        body.Append("</tr>");
        foreach (var row in rows)
        {
            body.Append("<tr>");
            foreach (var cell in row)
            {
                body.Append(long.TryParse(cell, CultureInfo.InvariantCulture, out _) ? "<td class=\"number\">" : "<td>")
                    .Append(Encode(cell)).Append("</td>");
            }

            body.Append("</tr>");
        }

        body.Append("</table>");
    }

    private static string Document(string title, string head, string body) => $"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width">{head}
        <title>OrdersActors: {title}</title>
        {Style}
        </head>
        <body>
        {body}
        </body>
        </html>
        """;

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
