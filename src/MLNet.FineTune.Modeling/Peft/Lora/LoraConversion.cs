using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Turns what was trained from a part of the weights into plain LoRA for the weights as they are.</summary>
internal static class LoraConversion
{
    /// <summary>B·A − B₀·A₀ = [B, −B₀]·[A; A₀]: twice the rank, with α such that the scale stays.</summary>
    public static FinishedMethod ToPlain(Lora method, PeftAdapter adapter)
    {
        float alpha = method.RankStabilized ? MathF.Sqrt(2) : 2;
        var values = new Dictionary<string, Tensor>();
        foreach (Placement placed in adapter.Placed)
        {
            var module = (DecomposedLoraLinear)placed.Module;
            values.Add($"{placed.Path}.lora_A.weight", cat([module.A, module.StartA], 0));
            values.Add($"{placed.Path}.lora_B.weight", cat([module.B, -module.StartB], 1));
        }
        return new FinishedMethod(method with
        {
            Initialization = LoraInitialization.Default,
            Rank = 2 * method.Rank,
            Alpha = alpha * method.Alpha,
            RankPattern = method.RankPattern?.ToDictionary(entry => entry.Key, entry => 2 * entry.Value),
            AlphaPattern = method.AlphaPattern?.ToDictionary(entry => entry.Key, entry => alpha * entry.Value),
        }, values);
    }
}
