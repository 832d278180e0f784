namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// The description of <c>/ws</c> for tools: an AsyncAPI 3 document with every message, field, error code and close
/// status. It is written by hand (<c>asyncapi.json</c> in this folder). The tests compare it with the code, and
/// validate every message of the end-to-end tests with its schemas.
/// </summary>
internal static class ProtocolDescription
{
    private const string Resource = "asyncapi.json";

    /// <summary>Reads the document from the assembly: JSON in UTF-8.</summary>
    public static byte[] Read()
    {
        using var stream = typeof(ProtocolDescription).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the assembly contains no resource named {Resource}");
        var json = new byte[stream.Length];
        stream.ReadExactly(json);
        return json;
    }
}
