using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.FewShot;

/// <summary>Fits ridge regression on standardised embeddings (Hoerl and Kennard 1970, "Ridge Regression: Biased Estimation for Nonorthogonal Problems", Technometrics 12), with the penalty that does best when each text is predicted from all others.</summary>
/// <remarks>The errors of leaving one out are those of one fit over one less each text's leverage (Allen 1974), so that all penalties together cost a single decomposition.</remarks>
/// <param name="scale">What is learnt of the numbers.</param>
internal sealed class RidgeRegressionTrainer(TargetScale scale) : IHeadTrainer
{
    /// <summary>Penalties that are tried, over the sum of the texts' weights.</summary>
    private static readonly double[] Penalties = [.. Enumerable.Range(-6, 13).Select(power => Math.Pow(10, power / 2.0))];

    public LinearHead Fit(EmbeddedTexts texts, EmbeddedTexts? validation, Action? checkAlive)
    {
        using DisposeScope scope = NewDisposeScope();
        var standard = new Standardization(texts);
        double[] weights = [.. Enumerable.Range(0, texts.Count).Select(row => (double)(texts.Texts.Weights?[row] ?? 1))];
        double[] targets = [.. texts.Texts.Targets!.Select(target => (double)scale.Scaled(target))];
        double total = weights.Sum(), mean = targets.Zip(weights, (target, weight) => target * weight).Sum() / total;

        // A row of weight w counts as one times √w.
        Tensor roots = tensor(weights).sqrt();
        Tensor x = tensor([.. Enumerable.Range(0, texts.Count).SelectMany(row => standard.Apply(texts[row]))], [texts.Count, texts.Width]).to(ScalarType.Float64) * roots.unsqueeze(1);
        Tensor y = tensor([.. targets.Select(target => target - mean)]) * roots;
        checkAlive?.Invoke();
        var (u, s, vh) = linalg.svd(x, fullMatrices: false);
        Tensor projected = u.t().mv(y), u2 = u * u, s2 = s * s, rest = tensor(weights.Select(weight => 1 - weight / total).ToArray());

        double penalty = Penalties.Reverse().MinBy(penalty =>
        {
            using DisposeScope trial = NewDisposeScope();
            Tensor shrink = s2 / s2.Add(penalty * total);
            Tensor errors = (y - u.mv(shrink * projected)) / (rest - u2.mv(shrink)).ClampMin(1e-6);
            return (errors * errors).sum().item<double>();
        });
        Tensor coefficients = vh.t().mv(s / s2.Add(penalty * total) * projected);
        return standard.Fold(new LinearHead([.. coefficients.data<double>().Select(value => (float)value)], [(float)mean]));
    }
}
