using Microsoft.ML;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>A way to learn a classifier from columns <c>Text</c> and <c>Label</c>, a key.</summary>
internal interface IFewShotMethod
{
    /// <summary>The last part of the case's name.</summary>
    string Name { get; }

    /// <summary>The estimator whose model gives <c>PredictedLabel</c>, a key with the label's values.</summary>
    IEstimator<ITransformer> Create(MLContext ml);

    /// <summary>The same, where there are rows to measure on while training; a method that does not measure leaves them aside.</summary>
    IEstimator<ITransformer> Create(MLContext ml, IDataView validation) => Create(ml);
}
