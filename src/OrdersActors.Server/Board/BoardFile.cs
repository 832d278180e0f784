using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace OrdersActors.Server.Board;

/// <summary>
/// One file of the page. The files are embedded in the assembly, so the page is available however the server is
/// started: by <c>dotnet run</c>, from the build or publish folder, or as a single file.
/// </summary>
/// <param name="Name">The file's name; the page has no folders.</param>
/// <param name="ContentType">The content type, with the character set.</param>
/// <param name="Contents">The bytes to send.</param>
/// <param name="EntityTag">Changes with the contents.</param>
internal sealed record BoardFile(string Name, string ContentType, byte[] Contents, EntityTagHeaderValue EntityTag)
{
    private const string ResourcePrefix = "board/";

    /// <summary>Loads all files of the page.</summary>
    /// <exception cref="InvalidOperationException">
    /// The assembly contains no files, or one whose extension is unknown.
    /// </exception>
    public static IReadOnlyList<BoardFile> LoadAll()
    {
        var assembly = typeof(BoardFile).Assembly;
        var files = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(name => Load(assembly, name))
            .ToArray();
        return files.Length > 0
            ? files
            : throw new InvalidOperationException($"the assembly contains no resources named {ResourcePrefix}…");
    }

    private static BoardFile Load(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!;
        var contents = new byte[stream.Length];
        stream.ReadExactly(contents);
        var hash = Convert.ToHexStringLower(SHA256.HashData(contents).AsSpan(0, 8));
        var name = resource[ResourcePrefix.Length..];
        return new BoardFile(name, ContentTypeOf(name), contents, new EntityTagHeaderValue($"\"{hash}\""));
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new InvalidOperationException($"the board has no content type for {name}"),
    };
}
