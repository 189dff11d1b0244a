namespace MLNet.FineTune.Peft;

/// <summary>Reports what an adapter trains; works without memory for weights, on a model of shapes.</summary>
internal static class ParameterCounting
{
    public static ParameterReport Report(PeftAdapter adapter)
    {
        HashSet<string> trained = [.. adapter.TrainedBase.Select(p => p.Name)];
        return new ParameterReport(
        [
            .. adapter.Model.named_parameters().Select(p => new ReportedParameter(p.name, p.parameter.shape, p.parameter.numel(), PeftAdapter.LayerOf(p.name), trained.Contains(p.name), Added: false)),
            .. adapter.Own.Select(p => new ReportedParameter(p.Name, p.Parameter.shape, p.Parameter.numel(), p.Layer, Trains: true, Added: true)),
        ]);
    }
}
