using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace OrdersActors.Http.OpenApi;

/// <summary>Builds JSON schemas.</summary>
internal static class Schema
{
    public static OpenApiSchema Text(string description, int? maxLength = null, string? format = null) => new()
    {
        Type = JsonSchemaType.String,
        Description = description,
        MinLength = maxLength is null ? null : 1,
        MaxLength = maxLength,
        Format = format,
    };

    public static OpenApiSchema Number(string description, long min = 0, long? max = null, long? byDefault = null) =>
        new()
        {
            Type = JsonSchemaType.Integer,
            Format = "int64",
            Description = description,
            Minimum = $"{min}",
            Maximum = max is null ? null : $"{max}",
            Default = byDefault is null ? null : JsonValue.Create(byDefault.Value),
        };

    public static OpenApiSchema Flag(string description) => new()
    {
        Type = JsonSchemaType.Boolean,
        Description = description,
    };

    public static OpenApiSchema Any(string description) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
    };

    public static OpenApiSchema List(IOpenApiSchema items, string description) => new()
    {
        Type = JsonSchemaType.Array,
        Items = items,
        Description = description,
    };

    public static OpenApiSchema OneOf(params IOpenApiSchema[] schemas) => new() { OneOf = [.. schemas] };

    /// <summary>An object. The names of required fields end with an exclamation mark.</summary>
    public static OpenApiSchema Object(string description, params (string Name, IOpenApiSchema Schema)[] fields) =>
        new()
        {
            Type = JsonSchemaType.Object,
            Description = description,
            Properties = fields.ToDictionary(field => field.Name.TrimEnd('!'), field => field.Schema),
            Required = fields.Where(field => field.Name.EndsWith('!'))
                .Select(field => field.Name.TrimEnd('!')).ToHashSet(),
        };
}
