using Microsoft.OpenApi;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.OpenApi;

/// <summary>The parts of the description that operations share: the schemas and the ways to authenticate.</summary>
internal static class ApiComponents
{
    public const string Event = "Event";
    public const string EventPage = "EventPage";
    public const string NewEvent = "NewEvent";
    public const string StoredEvent = "StoredEvent";
    public const string StoredLines = "StoredLines";
    public const string CloudEvent = "CloudEvent";
    public const string Problem = "Problem";

    public const string Basic = "basic";
    public const string Signature = "signature";
    public const string Token = "token";

    public static void AddTo(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "OrdersActors",
            Version = ApiDescriptionHosting.DocumentName,
            Description = "Publish order-status events, and read them as pages or as a stream of server-sent events. "
                + "HEAD is served wherever GET is.",
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = new HashSet<OpenApiTag> { new() { Name = "Publishing" }, new() { Name = "Reading" } };
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas = new Dictionary<string, IOpenApiSchema>
        {
            [Event] = EventSchema(),
            [EventPage] = EventPageSchema(document),
            [NewEvent] = NewEventSchema(),
            [StoredEvent] = StoredEventSchema(),
            [StoredLines] = StoredLinesSchema(),
            [CloudEvent] = CloudEventSchema(),
            [Problem] = ProblemSchema(),
        };
        document.Components.SecuritySchemes = SecuritySchemes();
    }

    public static OpenApiSchemaReference Reference(string schema, OpenApiDocument document) => new(schema, document);

    /// <summary>Any one of these schemes authenticates.</summary>
    public static IList<OpenApiSecurityRequirement> Security(OpenApiDocument document, params string[] schemes) =>
    [
        .. schemes.Select(scheme => new OpenApiSecurityRequirement
        {
            [new OpenApiSecuritySchemeReference(scheme, document)] = [],
        }),
    ];

    private static Dictionary<string, IOpenApiSecurityScheme> SecuritySchemes() => new()
    {
        [Basic] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "basic",
            Description = "The API key as the user name, and its secret as the password. Only over TLS.",
        },
        [Signature] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "Authorization",
            Description = "APIKey=<api_key>,signature=<hex>,timestamp=<unix seconds>, where hex is the HMAC-SHA256, "
                + "keyed with the secret, of the method, the path without the query, and the timestamp.",
        },
        [Token] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "A token that a backend has made for one of its customers. It can only read.",
        },
    };

    private static OpenApiSchema EventSchema() => Schema.Object(
        "An event as it was stored.",
        ("id!", Schema.Text("Unique within the organization.", OrderEventRules.MaxEventIdLength)),
        ("organization_id!", Schema.Text("The organization.", OrderEventRules.MaxOrganizationIdLength)),
        ("order_id!", Schema.Text("The order.", OrderEventRules.MaxOrderIdLength)),
        ("version!", Schema.Number("The number within the order: 1, 2, 3 and so on without gaps.", 1)),
        ("status!", Schema.Text("The order's new status.", OrderEventRules.MaxStatusLength)),
        ("occurred_at!", Schema.Text("UTC, with six fractional digits.", format: "date-time")),
        ("details", Schema.Any("The publisher's own object; absent if there is none.")),
        ("sequence", Schema.Number(
            "The number within the organization, without gaps; only in events of the whole organization.", 1)));

    private static OpenApiSchema EventPageSchema(OpenApiDocument document) => Schema.Object(
        "Events in order, without gaps.",
        ("epoch", Schema.Text("The history that the numbers belong to. Send it back with after.")),
        ("earliest!", Schema.Number("The first number that is kept.", 1)),
        ("position!", Schema.Number("The number of the newest event.")),
        ("resumed!", Schema.Flag(
            "False if some of the requested events are gone, or history was rewritten: the page begins at earliest.")),
        ("next", Schema.Text("The next page; absent at the end.", format: "uri-reference")),
        ("events!", Schema.List(Reference(Event, document), "The events.")));

    private static OpenApiSchema NewEventSchema() => Schema.Object(
        "An event to publish.",
        ("organization_id", Schema.Text(
            "The key's organization, if it is given.", OrderEventRules.MaxOrganizationIdLength)),
        ("order_id!", Schema.Text("The order.", OrderEventRules.MaxOrderIdLength)),
        ("status!", Schema.Text("The order's new status.", OrderEventRules.MaxStatusLength)),
        ("id", Schema.Text(
            "The idempotency key, unique within the organization: the same event is stored once. Default: random.",
            OrderEventRules.MaxEventIdLength)),
        ("occurred_at", Schema.Text("When it happened, with an offset. Default: now.", format: "date-time")),
        ("details", Schema.Any($"Anything else, at most {OrderEventRules.MaxDetailsBytes} bytes of JSON.")));

    private static OpenApiSchema StoredEventSchema() => Schema.Object(
        "Where an event was stored.",
        ("id!", Schema.Text("The event's id.", OrderEventRules.MaxEventIdLength)),
        ("order_id!", Schema.Text("The order.", OrderEventRules.MaxOrderIdLength)),
        ("version!", Schema.Number("The number within the order.", 1)),
        ("sequence!", Schema.Number("The number within the organization.", 1)),
        ("repeat", Schema.Flag("True if the event had been stored before; else absent.")));

    private static OpenApiSchema StoredLinesSchema() => Schema.Object(
        "What a request with JSON lines has stored.",
        ("stored!", Schema.Number("The events that the request stored.")),
        ("repeats!", Schema.Number("The events that had been stored before.")),
        ("first_sequence", Schema.Number("The first sequence of the stored events.", 1)),
        ("last_sequence", Schema.Number("The last sequence of the stored events.", 1)));

    private static OpenApiSchema CloudEventSchema() => Schema.Object(
        "A CloudEvent 1.0.",
        ("specversion!", Schema.Text("1.0")),
        ("id!", Schema.Text("The idempotency key.", OrderEventRules.MaxEventIdLength)),
        ("source!", Schema.Text("The producer; not stored.", format: "uri-reference")),
        ("type!", Schema.Text("The type of the event; not stored.")),
        ("subject!", Schema.Text("The order.", OrderEventRules.MaxOrderIdLength)),
        ("time", Schema.Text("When it happened.", format: "date-time")),
        ("data!", Schema.Any("An object with the field status. Its other fields are stored as details.")));

    private static OpenApiSchema ProblemSchema() => Schema.Object(
        "A refusal (RFC 9457).",
        ("type!", Schema.Text("A URI that names the code.", format: "uri-reference")),
        ("title!", Schema.Text("The code in words.")),
        ("status!", Schema.Number("The status.", 400, 599)),
        ("detail!", Schema.Text("What was expected, for people.")),
        ("code!", Schema.Text($"A word for programs, such as {ProblemCode.InvalidRequest}. It never changes.")),
        ("field", Schema.Text("The field, parameter or header that is wrong.")),
        ("index", Schema.Number("The index of the event in the request, from 0.")),
        ("line", Schema.Number("The line of the request, from 1.", 1)),
        ("stored_order_id", Schema.Text("Of a conflict: the order of the stored event that has the id.")),
        ("differs", Schema.Text("Of a conflict: the first field that differs: order_id, status or details.")));
}
