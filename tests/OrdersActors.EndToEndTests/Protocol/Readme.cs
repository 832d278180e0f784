using System.Text.RegularExpressions;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>A documentation page with examples that developers copy.</summary>
internal sealed partial class Readme
{
    private readonly string _text;

    /// <summary>Reads a page that was copied beside the tests.</summary>
    public Readme(string file) => _text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Readme", file));

    /// <summary>The README.md at the root.</summary>
    public static Readme Top { get; } = new("README.md");

    /// <summary>The page of the protocol.</summary>
    public static Readme Protocol { get; } = new("Protocol.md");

    /// <summary>The page of the .NET client.</summary>
    public static Readme Client { get; } = new("Client.md");

    /// <summary>The page of the package for tests.</summary>
    public static Readme Testing { get; } = new("Testing.md");

    /// <summary>The first code block of a section that is marked with this language, or with none.</summary>
    public string CodeIn(string section, string language = "")
    {
        var heading = $"## {section}\n";
        var from = _text.IndexOf(heading, StringComparison.Ordinal);
        Assert.True(from >= 0, $"The section {section} is missing.");
        from += heading.Length;
        var to = _text.IndexOf("\n## ", from, StringComparison.Ordinal);
        return Blocks.Matches(_text[from..(to < 0 ? _text.Length : to)])
            .First(block => block.Groups["language"].Value == language).Groups["code"].Value;
    }

    /// <summary>The same, with the address in the page replaced by a server's address.</summary>
    public string CodeIn(string section, string language, string address, Uri server)
    {
        var code = CodeIn(section, language);
        Assert.Contains(address, code, StringComparison.Ordinal);
        return code.Replace(address, server.AbsoluteUri, StringComparison.Ordinal);
    }

    /// <summary>The first code block of the page that is marked with this language.</summary>
    public string Code(string language) => Codes(language)[0];

    /// <summary>All code blocks of the page that are marked with this language.</summary>
    public IReadOnlyList<string> Codes(string language) =>
        [.. Blocks.Matches(_text).Where(block => block.Groups["language"].Value == language)
            .Select(block => block.Groups["code"].Value)];

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks { get; }
}
