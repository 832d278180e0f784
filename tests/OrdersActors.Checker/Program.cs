using System.CommandLine;
using OrdersActors.Checker;

// Ctrl+C ends a run early. All processes that the run started end with it, which takes a while.
return await CheckCommand.Create().Parse(args)
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(5) });
