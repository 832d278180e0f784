using System.CommandLine;
using OrdersActors.Checker;

// Ctrl+C ends a run early; everything that it has started ends with it, and that takes a while.
return await CheckCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(5) });
