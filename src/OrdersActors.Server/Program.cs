using OrdersActors.Server.Commands;

return await ServerCommandLine.RunAsync(args);
