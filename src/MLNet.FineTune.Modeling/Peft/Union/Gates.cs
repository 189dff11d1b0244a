using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Peft;

/// <summary>Puts gates around the modules that a part of a union placed; modules that others share have none of their own.</summary>
internal static class Gates
{
    /// <exception cref="ArgumentException">The method places modules that no gate fits.</exception>
    public static IEnumerable<Placement> Around(IEnumerable<Placement> placed, EncoderConfig encoder, PeftMethod method)
    {
        if (placed.FirstOrDefault(placement => placement.Site is not null && placement.AtSite is not (LinearAdapter or ResidualAdapter or KeyValueAdapter)) is { } wrong)
            throw new ArgumentException($"{nameof(PeftUnion)}.{nameof(PeftUnion.Gated)} is true, but '{method.MethodName}' puts a module at {wrong.Path}; gates go around modules at projections, at sublayers and before keys and values.");
        return placed.Select(placement => placement.Site is null ? placement : placement with { Wrapper = Around(placement, encoder) });
    }

    private static PeftModule Around(Placement placed, EncoderConfig encoder) => placed.AtSite switch
    {
        LinearAdapter module => new GatedLinear(module, placed.Linear!),
        ResidualAdapter module => new GatedResidual(module, encoder),
        KeyValueAdapter module => new GatedKeyValue(module, encoder),
        var other => throw new InvalidOperationException($"No gate fits {other.GetType()}."),
    };
}
