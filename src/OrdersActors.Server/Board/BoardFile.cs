using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace OrdersActors.Server.Board;

/// <summary>
/// One file of the page. The files are part of the assembly, so the page is there however and from wherever the server
/// is started: by <c>dotnet run</c>, from the built or the published folder, as one file.
/// </summary>
/// <param name="Name">The file's name; the page has no folders.</param>
/// <param name="ContentType">With its character set.</param>
/// <param name="Contents">The bytes to send.</param>
/// <param name="EntityTag">Changes with the contents.</param>
internal sealed record BoardFile(string Name, string ContentType, byte[] Contents, EntityTagHeaderValue EntityTag)
{
    private const string ResourcePrefix = "board/";

    /// <summary>All of them.</summary>
    /// <exception cref="InvalidOperationException">The assembly was built without them, or with one of an unknown kind.</exception>
    public static IReadOnlyList<BoardFile> LoadAll()
    {
        var assembly = typeof(BoardFile).Assembly;
        var files = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(name => Load(assembly, name))
            .ToArray();
        return files.Length > 0
            ? files
            : throw new InvalidOperationException($"the assembly holds no resources named {ResourcePrefix}…");
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
