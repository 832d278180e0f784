using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace OrdersActors.EndToEndTests;

/// <summary>
/// C# code of a documentation page, compiled with the usings that a project has by default and with everything that
/// this project references.
/// </summary>
internal static class CSharpCode
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(file => MetadataReference.CreateFromFile(file))]);

    /// <summary>Runs a program with top-level statements to its end.</summary>
    public static Task RunProgramAsync(string source)
    {
        var main = Compile(source, OutputKind.ConsoleApplication).EntryPoint!;
        // The compiler's entry point waits for the asynchronous one.
        return Task.Run(() => main.Invoke(null, [Array.Empty<string>()]), TestContext.Current.CancellationToken);
    }

    /// <summary>Calls <c>Run</c> of the class <c>Snippet</c>.</summary>
    public static object? Run(string source, params object?[] arguments) =>
        Compile(source).GetType("Snippet")!.GetMethod("Run")!.Invoke(null, arguments);

    /// <summary>Calls <c>Run</c> of the class <c>Snippet</c> and waits for its task.</summary>
    public static Task RunAsync(string source, params object?[] arguments) => (Task)Run(source, arguments)!;

    /// <summary>Compiles a library or a program. Fails with the compiler's messages.</summary>
    public static Assembly Compile(string source, OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        var compilation = CSharpCompilation.Create(
            $"snippet-{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(source)], References.Value,
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable));
        using var assembly = new MemoryStream();
        var result = compilation.Emit(assembly, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, $"{string.Join('\n', result.Diagnostics)}\nin\n{source}");
        return Assembly.Load(assembly.ToArray());
    }
}
