using OrdersActors.Checker;

return await CheckCommand.Create().Parse(args).InvokeAsync();
