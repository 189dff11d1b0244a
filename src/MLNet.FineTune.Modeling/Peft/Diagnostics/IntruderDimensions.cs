using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Finds the intruder dimensions of an adapter.</summary>
internal static class IntruderDimensions
{
    /// <param name="adapter">An adapter that is on and not merged.</param>
    /// <param name="top">k: how many of the strongest singular vectors are looked at.</param>
    /// <param name="threshold">ε: the cosine below which a vector is an intruder.</param>
    /// <returns>A report on the encoder's projections that the adapter changes by adding to their weight, or by training it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is below 1, or <paramref name="threshold"/> no number from 0 to 1.</exception>
    /// <exception cref="InvalidOperationException">The adapter is switched off or merged.</exception>
    /// <exception cref="NotSupportedException">The method trained the base weights themselves; nothing is left to compare with.</exception>
    public static IntruderReport Find(PeftAdapter adapter, int top = 10, double threshold = 0.5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        if (!(threshold is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "Expected a cosine from 0 to 1.");
        if (adapter.Method.ReplacesBase)
            throw new NotSupportedException($"'{adapter.Method.MethodName}' trains the base weights themselves; there are no pretrained ones left to compare with.");
        if (!adapter.Active || adapter.Merged)
            throw new InvalidOperationException("The adapter is switched off or merged; switch it on and unmerge it to look at what it changes.");
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        List<(string Path, Tensor Before, Tensor After)> weights = Changed(adapter);
        return new IntruderReport([.. weights.Select(weight => new IntruderWeight(weight.Path + ".weight", Similarities(weight.Before, weight.After, top)))], threshold);
    }

    /// <summary>For each of the strongest left singular vectors of a matrix, the largest absolute cosine with one of another.</summary>
    public static double[] Similarities(Tensor before, Tensor after, int top)
    {
        using var scope = NewDisposeScope();
        Tensor pretrained = linalg.svd(before, fullMatrices: false).U, tuned = linalg.svd(after, fullMatrices: false).U;
        Tensor cosines = tuned.narrow(1, 0, Math.Min(top, tuned.size(1))).t().matmul(pretrained).abs(); // [top, singular vectors]
        return [.. cosines.amax([1]).cpu().data<float>().ToArray().Select(cosine => Math.Min(1.0, cosine))];
    }

    /// <summary>Weights that train or are added to; what they were is seen with the adapter off.</summary>
    private static List<(string Path, Tensor Before, Tensor After)> Changed(PeftAdapter adapter)
    {
        HashSet<string> trained = [.. adapter.TrainedBase.Select(p => p.Name)];
        List<(string Path, AdaptableLinear Linear, Tensor After)> changed = [];
        foreach (var (path, linear) in adapter.Model.Linears())
            if (adapter.ModulesAt(linear) is { Count: > 0 } modules && LinearChange.Of(linear, modules) is { } change)
                changed.Add((path, linear, linear.Weight.Add(change.Weight)));
            else if (ParameterNames.InEncoder(path) && trained.Contains(path + ".weight"))
                changed.Add((path, linear, linear.Weight.detach().clone()));
        adapter.Active = false;
        try
        {
            return [.. changed.Select(weight => (weight.Path, weight.Linear.Weight.detach().clone(), weight.After))];
        }
        finally
        {
            adapter.Active = true;
        }
    }
}
