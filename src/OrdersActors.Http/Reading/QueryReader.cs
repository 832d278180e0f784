using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace OrdersActors.Http.Reading;

/// <summary>
/// Reads the parameters of a query strictly. A parameter that is unknown or given twice is an error: a misspelled
/// <c>after</c> would silently read from the beginning. An empty parameter is not given, as on <c>/ws</c>.
/// </summary>
internal sealed class QueryReader
{
    /// <summary>The parameter with a token, which only event streams accept.</summary>
    public const string AccessToken = "access_token";

    private const int LongestEchoed = 64;

    private readonly Dictionary<string, string> _values = [];

    private QueryReader()
    {
    }

    /// <summary>Reads the query of a request.</summary>
    /// <exception cref="Problems.ProblemException">A parameter is unknown or is given twice.</exception>
    public static QueryReader Read(HttpRequest request, params string[] known)
    {
        var query = new QueryReader();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            var name = pair.DecodeName().ToString();
            if (!known.Contains(name))
            {
                throw Unknown(name, known);
            }

            if (!query._values.TryAdd(name, pair.DecodeValue().ToString()))
            {
                throw ReadProblems.Invalid(name, "must be given only once");
            }
        }

        return query;
    }

    /// <summary>The text of a parameter; null if it is not given.</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;

    /// <summary>Whether a parameter is given.</summary>
    public bool Has(string name) => Text(name) is not null;

    /// <summary>The whole number in a parameter; null if it is not given.</summary>
    /// <exception cref="Problems.ProblemException">It is not a number of this range.</exception>
    public long? Number(string name, long min, long max)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return TryParse(text, out var number) && number >= min && number <= max
            ? number
            : throw ReadProblems.Invalid(
                name,
                max == long.MaxValue
                    ? $"must be a whole number from {min} on, digits only"
                    : $"must be a whole number from {min} to {max}, digits only");
    }

    /// <summary>Parses digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static Problems.ProblemException Unknown(string name, string[] known)
    {
        if (name == AccessToken)
        {
            return ReadProblems.Invalid(
                name, "is only for event streams; send the token in the header Authorization: Bearer");
        }

        var echoed = name.Length > LongestEchoed ? name[..LongestEchoed] : name;
        return ReadProblems.Invalid(
            echoed,
            known.Length == 0
                ? "is not a parameter of this resource, which has none"
                : $"is not a parameter of this resource; expected {string.Join(", ", known)}");
    }
}
